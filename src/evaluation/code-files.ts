/** Folders that hold nothing but tests, wherever they are; `test`, `testing` and `spec` only at the root (or below `src`), since `django/test` is code. */
const TEST_FOLDER = /(?:^|\/)(?:tests|__tests__)\/|^(?:src\/)?(?:test|testing|spec)\//
/** `test_x.py`, `conftest.py`, `x_test.go`, `x.test.js`, `x.spec.ts`, `test.js`, `XTest.java`. */
const TEST_FILE =
  /(?:^|\/)(?:(?:test_[^/]*|conftest|tests?)\.\w+|[^/]+[._-](?:test|tests|spec)\.\w+|\w*[a-z]Tests?\.(?:java|kt|scala|cs|php))$/

/** Whether a file of a repository is a test, by its path below the root. */
export function isTestFile(path: string): boolean {
  return TEST_FOLDER.test(path) || TEST_FILE.test(path)
}

/**
 * Whether a patch changes no code of the repository (SEAlign §5.2).
 *
 * **Choice** – the paper does not say what code is: any file that is no test, new ones included; a patch of tests alone counts as empty.
 * @param changed - paths that the patch touches.
 */
export function changesNoCode(changed: readonly string[]): boolean {
  return changed.every(isTestFile)
}
