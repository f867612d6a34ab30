import type { LogParserName } from '../../domain/task.ts'

/** How the tests of a repository run; a table entry. */
export interface RepoSpec {
  /** Test command; the test files of the row follow it. */
  readonly test: string
  readonly parser: LogParserName
  /** Installs the repository again after a patch. */
  readonly install: string
  /** Shell lines before installing and before testing: `export …`. */
  readonly exports?: readonly string[]
  /** Shell lines before testing only. */
  readonly prepare?: readonly string[]
  /** What follows `test`: files of the test patch, dotted labels, or `-k` with the names of its cases. */
  readonly targets?: 'files' | 'django' | 'mypy'
  /** The tests talk to the network. */
  readonly network?: boolean
}

/** An entry that differs between versions: the first range that holds the row's version overrides the rest. */
export interface VersionedSpec extends RepoSpec {
  readonly versions?: readonly (Partial<RepoSpec> & { readonly from?: string; readonly to?: string })[]
}

/** Repositories by lowercase `owner/name`. */
export type SpecTable = Readonly<Record<string, VersionedSpec>>

/** What holds for one version of a repository; an unknown version has what holds for the repository in general. */
export function specOf(table: SpecTable, repository: string, version: string | undefined): RepoSpec | undefined {
  const key = repository.toLowerCase()
  const entry = Object.hasOwn(table, key) ? table[key] : undefined
  if (entry === undefined) return undefined
  const { versions = [], ...general } = entry
  const special = versions.find((range) => version !== undefined && isWithin(version, range.from, range.to))
  if (special === undefined) return general
  const { from: _from, to: _to, ...own } = special
  return { ...general, ...own }
}

function isWithin(version: string, from: string | undefined, to: string | undefined): boolean {
  return (from === undefined || compared(version, from) >= 0) && (to === undefined || compared(version, to) <= 0)
}

/** Order of versions by their numbers: `1.9` before `1.10`; a leading `v` is nothing. */
function compared(left: string, right: string): number {
  const [a, b] = [numbers(left), numbers(right)]
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function numbers(version: string): readonly number[] {
  return (version.slice(0, 60).match(/\d+/g) ?? []).map(Number)
}
