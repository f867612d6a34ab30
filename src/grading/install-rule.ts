import { patchedFiles } from './patch-blocks.ts'

/** What one check of a Task found out (`check.ts`); kept with the Task. */
export interface Calibration {
  /** The reference patch gave every listed test the same status with and without the install commands. */
  readonly sameWithoutInstall: boolean
}

const PACKAGING = /(?:^|\/)(?:setup|conf|conftest|noxfile|versioneer|_version|version)\.py$/

/**
 * Whether the install commands may be left out for a patch: it touches only Python files that no build reads, and a check has
 * shown that the reference patch is judged the same without them. Installing is the heavy part of many Tasks.
 */
export function skipsInstall(patch: string, calibration: Calibration | undefined): boolean {
  if (calibration?.sameWithoutInstall !== true) return false
  const paths = patchedFiles(patch).flatMap(({ from, to }) => [from, to])
  const isPlain = (path: string): boolean => path.endsWith('.py') && !PACKAGING.test(path)
  return paths.every((path) => path === undefined || isPlain(path))
}
