import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TaskDefinition } from '../../src/domain/task.ts'
import { DATA } from '../importers/source-files.ts'
import { allOf, skipped, tasksOf } from './read.ts'

const FOLDER = join(DATA, 'tasks')
const LITE = join(FOLDER, 'swe-bench-lite/swe_bench_lite_test_300.jsonl')
const have = existsSync(LITE)
const NEEDS = have ? '' : ' (skipped: needs ../shared/data/tasks)'

const EDITABLE = 'python -m pip install -e .'
const ACTIVATE = 'set +u; source /opt/miniconda3/bin/activate testbed'

/** Written by hand from the rows' test patches and SWE-bench 4.1: id, test command, install command, parser. */
const KNOWN: readonly (readonly [id: string, test: string, install: string, parser: string])[] = [
  [
    'astropy__astropy-12907',
    'pytest -rA astropy/modeling/tests/test_separable.py',
    'python -m pip install -e .[test] --verbose',
    'pytest-v2',
  ],
  [
    'django__django-10914',
    './tests/runtests.py --verbosity 2 --settings=test_sqlite --parallel 1 test_utils.tests',
    EDITABLE,
    'django',
  ],
  [
    'django__django-13448',
    './tests/runtests.py --verbosity 2 --settings=test_sqlite --parallel 1 backends.base.test_creation',
    EDITABLE,
    'django',
  ],
  ['matplotlib__matplotlib-18869', 'pytest -rA lib/matplotlib/tests/test_matplotlib.py', EDITABLE, 'matplotlib'],
  [
    'mwaskom__seaborn-2848',
    'pytest --no-header -rA tests/test_relational.py',
    'python -m pip install -e .[dev]',
    'seaborn',
  ],
  ['pallets__flask-4045', 'pytest -rA tests/test_basic.py tests/test_blueprints.py', EDITABLE, 'pytest'],
  ['psf__requests-1963', 'pytest -rA test_requests.py', 'python -m pip install .', 'pytest-options'],
  ['pydata__xarray-3364', 'pytest -rA xarray/tests/test_combine.py xarray/tests/test_concat.py', EDITABLE, 'pytest'],
  ['pylint-dev__pylint-5859', 'pytest -rA tests/checkers/unittest_misc.py', EDITABLE, 'pytest-options'],
  ['pytest-dev__pytest-11143', 'pytest -rA testing/test_assertrewrite.py', EDITABLE, 'pytest'],
  [
    'scikit-learn__scikit-learn-10297',
    'pytest -rA sklearn/linear_model/tests/test_ridge.py',
    'python -m pip install -v --no-use-pep517 --no-build-isolation -e .',
    'pytest-v2',
  ],
  [
    'sphinx-doc__sphinx-10325',
    'tox --current-env -epy39 -v -- tests/roots/test-ext-autodoc/target/inheritance.py tests/test_ext_autodoc_automodule.py',
    'python -m pip install -e .[test]',
    'pytest-v2',
  ],
  [
    'sympy__sympy-11400',
    "PYTHONWARNINGS='ignore::UserWarning,ignore::SyntaxWarning' bin/test -C --verbose sympy/printing/tests/test_ccode.py",
    EDITABLE,
    'sympy',
  ],
]

describe.skipIf(!have)(`SWE-bench Lite${NEEDS}`, () => {
  test('all 300 rows become complete Tasks', async () => {
    const reads = await allOf(LITE)
    expect(skipped(reads)).toEqual([])
    expect(reads).toHaveLength(300)
    const incomplete = reads.flatMap((read) => (read.type === 'task' && !isComplete(read.task) ? [read.task.id] : []))
    expect(incomplete).toEqual([])
  })

  test('a row of each repository has the commands and the parser its harness gives it', async () => {
    const tasks = await tasksOf(LITE)
    const found = KNOWN.map(([id]) => {
      const grading = tasks.get(id)?.grading
      return [id, grading?.commands.at(-1), grading?.install.at(-1), grading?.parser]
    })
    expect(found).toEqual(KNOWN)
    expect(new Set(KNOWN.map(([id]) => tasks.get(id)?.repository)).size).toBe(12)
  })

  test('a version may change commands: astropy 1.3 prints each test, django 3.x needs a locale, requests a network', async () => {
    const tasks = await tasksOf(LITE)
    const old = [...tasks.values()].find((task) => task.repository === 'astropy/astropy' && task.version === '1.3')
    expect(old?.grading.commands.at(-1)).toMatch(/^pytest -rA -vv -o console_output_style=classic --tb=no /)
    expect(tasks.get('django__django-11099')?.grading.commands.slice(0, -1)).toEqual([
      ACTIVATE,
      'export LANG=en_US.UTF-8',
      'export LC_ALL=en_US.UTF-8',
      'export LANGUAGE=en_US:en',
      "sed -i '/en_US.UTF-8/s/^# //g' /etc/locale.gen && locale-gen",
    ])
    const online = [...tasks.values()].filter((task) => task.environment.network).map((task) => task.repository)
    expect([...new Set(online)]).toEqual(['psf/requests'])
  })

  test('the statement is the issue alone: no hints, no tests, no fix', async () => {
    const task = (await tasksOf(LITE)).get('astropy__astropy-12907')
    expect(task?.statement).toMatch(/^Modeling's `separability_matrix` does not compute/)
    expect(task?.statement).not.toContain('diff --git')
    expect(task).toMatchObject({
      set: 'swe-bench',
      repository: 'astropy/astropy',
      version: '4.3',
      baseCommit: 'd16bfe05a744909de4b27f5875fe0d4ed41ce607',
      environment: {
        image: 'swebench/sweb.eval.x86_64.astropy_1776_astropy-12907:latest',
        workdir: '/testbed',
        network: false,
        variables: { BASH_ENV: '/root/.bashrc' },
      },
      grading: { rules: 'swe-bench-5', evaluation: 'pass_and_fail', timeoutMs: 1_800_000 },
    })
    expect(task?.referencePatch).toContain('diff --git a/astropy/modeling/separable.py')
  })

  test('the dev rows of SWE-agent are read; a raw pull request is reported', async () => {
    const dev = await tasksOf(join(FOLDER, 'swe-bench-dev-easy.json'))
    expect(
      [...dev.values()].map((task) => [task.repository, task.grading.parser, task.grading.commands.at(-1)]),
    ).toContainEqual(['pydicom/pydicom', 'pytest-options', 'pytest -rA pydicom/tests/test_numpy_pixel_data.py'])
    expect(dev.size).toBe(4)
    expect(skipped(await allOf(join(FOLDER, 'swe-bench-dev-easy.json')))).toEqual([
      '4: task `pylint-dev__astroid-1268` was read before, from line 2',
    ])
    const pull = await allOf(join(FOLDER, 'swe-bench/pvlib.jsonl'))
    expect(skipped(pull)).toEqual([
      '1: it is no row of a known set of tasks (fields url, id, node_id, html_url, diff_url, patch_url, issue_url, number); expected instance_id with test_patch, or task_id with buggy_solution',
    ])
  })

  test('the whole folder is read as one set', async () => {
    const reads = await allOf(FOLDER)
    const count = (set: string): number => reads.filter((read) => read.type === 'task' && read.task.set === set).length
    expect([count('swe-bench'), count('humanevalfix-python'), count('humanevalfix-js')]).toEqual([304, 164, 164])
  })
})

function isComplete({ id, statement, referencePatch, environment, grading }: TaskDefinition): boolean {
  return (
    environment.image === `swebench/sweb.eval.x86_64.${id.replace('__', '_1776_')}:latest` &&
    environment.setup.length > 0 &&
    statement !== '' &&
    referencePatch !== undefined &&
    grading.testPatch !== undefined &&
    grading.install.length >= 2 &&
    grading.commands[0] === ACTIVATE &&
    /\S [\w./-]*(?:test|py)/.test(grading.commands.at(-1) ?? '') &&
    grading.failToPass.length > 0
  )
}
