/** Files of a test patch that no test runner is given (SWE-bench `harness/constants`, `NON_TEST_EXTS`). */
const DATA_FILES = /(?:\.json|\.png|csv|\.txt|\.md|\.jpg|\.jpeg|\.pkl|\.yml|\.yaml|\.toml)$/
const HEADER = /^diff --git a\/.* b\/(.*)$/
const QUOTED_HEADER = /^diff --git "a\/.*" "b\/(.*)"$/

/**
 * Files a test patch brings or changes and that hold tests, in its order (SWE-bench `get_test_directives`); files it deletes
 * are left out, since a runner given a missing file runs nothing at all.
 */
export function testFiles(testPatch: string): readonly string[] {
  const files = new Set<string>()
  let file: string | undefined
  for (const line of testPatch.split(/\r?\n/)) {
    const header = HEADER.exec(line)?.[1] ?? QUOTED_HEADER.exec(line)?.[1]
    if (header !== undefined) {
      file = header
      if (!DATA_FILES.test(file)) files.add(file)
    } else if (file !== undefined && line.startsWith('deleted file mode')) files.delete(file)
  }
  return [...files]
}

/** Labels django's `runtests.py` takes: dotted, below `tests/`, helper modules left out (SWE-bench `is_django_test_file`). */
export function djangoLabels(files: readonly string[]): readonly string[] {
  const tests = files.filter((file) => isDjangoTest(file))
  return (tests.length > 0 ? tests : files).map((file) =>
    file
      .replace(/\.py$/, '')
      .replace(/^tests\//, '')
      .replaceAll('/', '.'),
  )
}

function isDjangoTest(file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1)
  return name === 'tests.py' || name.startsWith('test_') || file.includes('/tests/') || file.includes('/test_')
}

/** Names of the `[case X]` blocks of a mypy test patch, which `pytest -k` selects (SWE-Gym `SWE-Bench-Fork`, `test_spec.py`). */
export function mypyCases(testPatch: string): readonly string[] {
  return [...new Set([...testPatch.matchAll(/\[case ([^\]\n]{1,300})\]/g)].map((match) => match[1] ?? ''))]
}
