import { expect, test } from 'vitest'
import { specOf } from '../../src/tasks/swe-specs/repo-spec.ts'
import { SWE_BENCH_REPOS } from '../../src/tasks/swe-specs/swe-bench-repos.ts'
import { SWE_GYM_REPOS } from '../../src/tasks/swe-specs/swe-gym-repos.ts'
import { djangoLabels, mypyCases, testFiles } from '../../src/tasks/test-targets.ts'

test('targets are the files a patch changes, without data files and deleted ones, each once', () => {
  const patch = [
    'diff --git a/tests/test_a.py b/tests/test_a.py',
    '--- a/tests/test_a.py',
    'diff --git a/tests/old.py b/tests/new b/test_moved.py',
    'diff --git a/tests/gone.py b/tests/gone.py',
    'deleted file mode 100644',
    'diff --git a/data/a.json b/data/a.json',
    'diff --git a/tests/table.csv b/tests/table.csv',
    'diff --git "a/tests/test_\\303\\274.py" "b/tests/test_\\303\\274.py"',
    'diff --git a/tests/test_a.py b/tests/test_a.py',
    '+diff --git a/quoted.py b/quoted.py',
  ]
  expect(testFiles(patch.join('\n'))).toEqual(['tests/test_a.py', 'test_moved.py', 'tests/test_\\303\\274.py'])
})

test('django is given dotted labels of test modules; helpers only when there is nothing else', () => {
  const files = ['tests/lookup/models.py', 'tests/lookup/tests.py', 'tests/forms_tests/tests/test_forms.py']
  expect(djangoLabels(files)).toEqual(['lookup.tests', 'forms_tests.tests.test_forms'])
  expect(djangoLabels(['tests/lookup/models.py'])).toEqual(['lookup.models'])
})

test('mypy cases are the names in brackets, context lines included', () => {
  expect(mypyCases('+[case testA]\n [case testB-skip]\n-[case testA]\n[case\n')).toEqual(['testA', 'testB-skip'])
})

test('versions are compared by their numbers, not as text', () => {
  const django = (version: string | undefined) => specOf(SWE_BENCH_REPOS, 'django/django', version)
  expect(django('1.9')?.test).toBe('./tests/runtests.py --verbosity 2')
  expect(django('1.10')).toMatchObject({
    install: 'python setup.py install',
    exports: expect.arrayContaining(['export PYTHONIOENCODING=utf8']),
  })
  expect(django('1.10')?.test).toContain('--parallel 1')
  expect(django('3.2')?.prepare).toHaveLength(1)
  expect(django('4.0')?.prepare).toBeUndefined()
  expect(django(undefined)?.install).toBe('python -m pip install -e .')
  expect(specOf(SWE_BENCH_REPOS, 'astropy/astropy', 'v5.3')?.test).toBe('pytest -rA')
  const mypy = (version: string) => specOf(SWE_GYM_REPOS, 'python/mypy', version)
  expect([mypy('1.11')?.test, mypy('1.6')?.test, mypy('0.990')?.test]).toEqual([
    'pytest -rA',
    'pytest -n0 -rA',
    'pytest -n0 -rA',
  ])
  expect([mypy('1.0')?.install.includes('xdist'), mypy('0.990')?.install.includes('xdist')]).toEqual([false, true])
})
