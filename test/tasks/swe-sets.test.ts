import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { allOf, FIXTURES, skipped, tasksOf } from './read.ts'

const ACTIVATE = 'set +u; source /opt/miniconda3/bin/activate testbed'

describe('SWE-bench, fifth release', () => {
  test('the row brings image, script, parser and rules; no table is asked', async () => {
    const task = (await tasksOf(join(FIXTURES, 'swe-bench-5.jsonl'))).get('acme__widget-7')
    expect(task?.environment.image).toBe('swebench/sweb.eval.x86_64.acme_1776_widget-7:v5')
    expect(task?.grading).toMatchObject({
      script: expect.stringContaining('pytest -rA tests/test_widget.py'),
      install: [],
      commands: [],
      parser: 'pytest-v2',
      rules: 'swe-bench-5',
      evaluation: 'fail_only',
      failToPass: ['tests/test_widget.py::test_turn'],
      passToPass: ['tests/test_widget.py::test_stop'],
    })
    expect(task?.grading.testPatch).toBeUndefined()
  })

  test('what the row leaves out comes from the table', async () => {
    const task = (await tasksOf(join(FIXTURES, 'swe-bench-5.jsonl'))).get('django__django-11099')
    expect(task?.grading).toMatchObject({ parser: 'django', rules: 'swe-bench-5', evaluation: 'pass_and_fail' })
    expect(task?.environment.image).toBe('docker.io/swebench/sweb.eval.x86_64.django_1776_django-11099:latest')
  })
})

describe('SWE-Gym', () => {
  const file = join(FIXTURES, 'swe-gym.jsonl')

  test('mypy selects the cases of its test patch by name, or runs its files when there are none', async () => {
    const tasks = await tasksOf(file)
    expect(tasks.get('python__mypy-15139')?.grading.commands.at(-1)).toBe(
      "pytest -n0 -rA -k 'testListLowercaseSettingOff or testTypeLowercaseSettingOff'",
    )
    expect(tasks.get('python__mypy-16000')?.grading.commands.at(-1)).toBe('pytest -rA mypy/test/teststubgen.py')
  })

  test('repositories are found whatever the case of their name; images are xingyaoww’s', async () => {
    const task = (await tasksOf(file)).get('Project-MONAI__MONAI-1010')
    expect(task?.environment.image).toBe('xingyaoww/sweb.eval.x86_64.project-monai_s_monai-1010:latest')
    expect(task).toMatchObject({ set: 'swe-gym', repository: 'Project-MONAI/MONAI' })
    expect(task?.grading.commands).toEqual([ACTIVATE, 'pytest -rA tests/test_x.py'])
  })

  test('what a repository exports holds for installing and for testing', async () => {
    const grading = (await tasksOf(file)).get('conan-io__conan-9999')?.grading
    expect(grading?.commands).toEqual([
      ACTIVATE,
      'export PYTHONPATH="${PYTHONPATH:-}:$PWD"',
      'pytest -n0 -rA conans/test/unittests/test_y.py',
    ])
    expect(grading?.install.at(-1)).toMatch(/^echo 'cython<3' > /)
  })
})

describe('SWE-smith', () => {
  const file = join(FIXTURES, 'swe-smith.jsonl')

  test('the shipped patch is the bug: it is planted, and its reverse is the fix', async () => {
    const task = (await tasksOf(file)).get('oauthlib__oauthlib.1fd52536.combine_file__09vlzwgc')
    expect(task).toMatchObject({
      set: 'swe-smith',
      repository: 'oauthlib/oauthlib',
      referenceReversed: true,
      environment: { image: 'jyangballin/swesmith.x86_64.oauthlib_1776_oauthlib.1fd52536' },
      grading: {
        rules: 'swe-smith',
        parser: 'pytest-v2',
        timeoutMs: 120_000,
        memoryBytes: 10 * 1024 ** 3,
        install: [],
      },
    })
    expect(task?.grading.commands.at(-1)).toBe(
      'pytest --disable-warnings --color=no --tb=no --verbose tests/test_uri_validate.py tests/oauth2/test_b.py',
    )
    expect(Object.values(task?.environment.files ?? {})).toEqual([task?.referencePatch])
  })

  test('mypy runs the names of its failing cases; a bare image name gets its registry', async () => {
    const task = (await tasksOf(file)).get('python__mypy.e93f06ce.lm_rewrite__1')
    expect(task?.grading.commands.at(-1)).toBe("pytest --color=no -rA -k 'testA or testB'")
    expect(task?.environment.image).toBe('jyangballin/swesmith.x86_64.python_1776_mypy.e93f06ce')
  })

  test('other languages are reported as not supported', async () => {
    expect(skipped(await allOf(file))).toEqual([
      '3: field `FAIL_TO_PASS` names tests that are not in a .py file; only Python repositories of SWE-smith are supported',
    ])
  })
})

describe('SWE-rebench', () => {
  const file = join(FIXTURES, 'swe-rebench.jsonl')

  test('the row’s install_config gives commands and parser; data files of the test patch are no targets', async () => {
    const task = (await tasksOf(file)).get('oemof__tespy-653')
    expect(task?.environment.image).toBe('swerebench/sweb.eval.x86_64.oemof_1776_tespy-653:latest')
    expect(task?.grading.install).toEqual([ACTIVATE, 'pip install -e .[dev]'])
    expect(task?.grading.commands).toEqual([
      ACTIVATE,
      'pytest --no-header -rA --tb=line --color=no -p no:cacheprovider -W ignore::DeprecationWarning tests/test_components/test_x.py',
    ])
    expect(task?.grading).toMatchObject({ parser: 'pytest', rules: 'swe-bench-4' })
  })

  test('the row’s image goes first; of several test commands the last gets the files', async () => {
    const task = (await tasksOf(file)).get('biopython__biopython-5005')
    expect(task?.environment.image).toBe('swerebench/sweb.eval.x86_64.biopython_1776_biopython-5005')
    expect(task?.grading.commands).toEqual([ACTIVATE, 'cd Tests', 'pytest -rA Tests/test_x.py'])
  })

  test('the second release runs its commands as they are, in a folder named after the repository', async () => {
    const task = (await tasksOf(file)).get('acme__second-1')
    expect(task?.environment).toMatchObject({
      image: 'docker.io/swerebenchv2/acme-second:1-0123456',
      workdir: '/second',
    })
    expect(task?.grading).toMatchObject({ install: [], commands: ['pytest -rA tests/test_a.py'] })
  })

  test('a parser that is not built in is reported by name', async () => {
    expect(skipped(await allOf(file))).toEqual([
      expect.stringMatching(
        /^4: field `install_config.log_parser` names a log parser `parse_log_gotest` that is not supported/,
      ),
    ])
  })
})

describe('SWE-bench-Live', () => {
  const file = join(FIXTURES, 'swe-bench-live.jsonl')

  test('the row’s commands rebuild, test and print; without one the whole suite prints itself', async () => {
    const tasks = await tasksOf(file)
    expect(tasks.get('acme__live-12')?.grading).toMatchObject({ install: [], commands: ['pytest -rA'] })
    expect(tasks.get('acme__live-12')?.environment.image).toBe('starryzhang/sweb.eval.x86_64.acme_1776_live-12:latest')
    expect(tasks.get('acme__live-13')?.grading).toMatchObject({
      install: ['make'],
      commands: ['make test > log.txt 2>&1', 'cat log.txt'],
      parser: 'pytest',
      rules: 'swe-bench-live',
      timeoutMs: 9_000_000,
    })
  })

  test('a parser that is a program of the row’s own is never run', async () => {
    expect(skipped(await allOf(file))).toEqual([
      '3: field `log_parser` is a program of the row’s own, which is not run; expected `pytest`'.replace('’', "'"),
    ])
  })
})

test('rows of all sets may stand in one folder', async () => {
  const sets = [...(await tasksOf(FIXTURES)).values()].map((task) => task.set)
  expect([...new Set(sets)].toSorted()).toEqual(['swe-bench', 'swe-bench-live', 'swe-gym', 'swe-rebench', 'swe-smith'])
})

test('--set goes before what the fields say, and a row of another set is reported', async () => {
  const reads = await allOf(join(FIXTURES, 'swe-gym.jsonl'), { set: 'swe-bench' })
  expect(skipped(reads)).toHaveLength(4)
  expect(skipped(reads)[0]).toBe(
    '1: field `repo`: no test command is known for python/mypy; expected a repository of the set, or a row with `image`, `eval_script` and `log_parser`',
  )
})
