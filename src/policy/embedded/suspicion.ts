import type { KnownFile } from './known-files.ts'
import type { Evidence } from './evidence.ts'
import type { SourceFunction, SourceModel } from './source-model.ts'
import { literalsOf, tokensOf, wordsOf } from './words.ts'

/** Why a function is suspected; every number in [0, 1]. */
export interface FunctionSuspicion {
  /** The issue has its name, or that of its class. */
  readonly named: number
  /** The issue sets its name as code. */
  readonly namedAsCode: number
  /** Share of failing tests that name it, and of passing ones. */
  readonly failing: number
  readonly passing: number
  /** Share of its name's words that the issue or a failing test uses. */
  readonly words: number
  /** A failing test's stack trace goes through it. */
  readonly onStack: number
  /** How much the functions that call it are suspected, the most. */
  readonly called: number
  /** The sum that counts, 0 to about 6. */
  readonly score: number
}

/** Why a line is suspected beyond its function; every number in [0, 1]. */
export interface LineSuspicion {
  readonly onStack: number
  /** Words it shares with the issue and with failing tests. */
  readonly issueWords: number
  readonly failureWords: number
  /** Literals it shares with the issue, or with what failing tests expected and got. */
  readonly literals: number
  /** With its function: 0 to about 9. */
  readonly score: number
}

/** Suspicion of a file's parts. Made of what the conversation shows: never of a fix, a hidden test or a split. */
export interface FileSuspicion {
  readonly file: KnownFile
  readonly source: SourceModel
  functionOf(fn: SourceFunction | undefined): FunctionSuspicion
  /** @param line - index from 0. */
  lineOf(line: number): LineSuspicion
}

/** Points of the sum; docs/embedded-policy.md lists them. */
const POINTS = {
  named: 1.2,
  namedAsCode: 0.6,
  failing: 1.8,
  passing: -0.9,
  words: 0.7,
  onStack: 1.2,
  called: 0.85,
  around: 0.9,
  lineOnStack: 1.5,
  lineIssueWords: 0.5,
  lineFailureWords: 0.5,
  lineLiterals: 0.4,
} as const

/** A stranger to every function: code outside of all. */
const OUTSIDE: FunctionSuspicion = {
  named: 0,
  namedAsCode: 0,
  failing: 0,
  passing: 0,
  words: 0,
  onStack: 0,
  called: 0,
  score: 0,
}

/** Common short names say nothing when a sentence has them. */
const SHORTEST_NAME = 3

/** Suspicion of every function and line of the files that were seen and parse. */
export function suspicionsOf(
  files: readonly { readonly file: KnownFile; readonly source: SourceModel }[],
  evidence: Evidence,
): readonly FileSuspicion[] {
  const own = new Map<SourceFunction, FunctionSuspicion>()
  for (const { file, source } of files) {
    for (const fn of source.functions) own.set(fn, ownSuspicion(fn, file, source, evidence))
  }
  const functions = withCallers(own)
  return files.map(({ file, source }) => suspicionOf(file, source, evidence, functions))
}

function suspicionOf(
  file: KnownFile,
  source: SourceModel,
  evidence: Evidence,
  functions: ReadonlyMap<SourceFunction, FunctionSuspicion>,
): FileSuspicion {
  const lines = new Map<number, LineSuspicion>()
  const owners = lineOwners(source)
  const functionOf = (fn: SourceFunction | undefined) => (fn === undefined ? undefined : functions.get(fn))
  return {
    file,
    source,
    functionOf: (fn) => functionOf(fn) ?? OUTSIDE,
    lineOf(line) {
      const known = lines.get(line) ?? lineSuspicion(line, file, source, evidence, functionOf(owners[line]))
      lines.set(line, known)
      return known
    },
  }
}

function ownSuspicion(fn: SourceFunction, file: KnownFile, source: SourceModel, evidence: Evidence): FunctionSuspicion {
  const { name, owner } = fn
  const known = name.length >= SHORTEST_NAME && name !== 'constructor'
  const named = known && evidence.issueNames.has(name) ? 1 : evidence.issueNames.has(owner) ? 0.35 : 0
  const namedAsCode = known && evidence.issueCode.has(name) ? 1 : evidence.issueCode.has(owner) ? 0.35 : 0
  const asked = name === 'constructor' ? owner : name
  const failing = asked === '' ? 0 : evidence.failingShare(asked)
  const passing = asked === '' ? 0 : evidence.passingShare(asked)
  const own = wordsOf(name)
  const shared = [...own].filter((word) => evidence.issueWords.has(word) || evidence.failureWords.has(word)).length
  const words = own.size === 0 ? 0 : shared / own.size
  const first = source.lineOf(fn.node.start) + 1
  const last = source.lineOf(fn.node.end) + 1
  const onStack = evidence.frames.some((frame) => isIn(frame.path, file) && frame.line >= first && frame.line <= last)
    ? 1
    : 0
  const score =
    named * POINTS.named +
    namedAsCode * POINTS.namedAsCode +
    failing * POINTS.failing +
    passing * POINTS.passing +
    words * POINTS.words +
    onStack * POINTS.onStack
  return { named, namedAsCode, failing, passing, words, onStack, called: 0, score }
}

/** What a suspected function calls is suspected too, a little less at each of two steps; what stands within it nearly as much. */
function withCallers(
  own: ReadonlyMap<SourceFunction, FunctionSuspicion>,
): ReadonlyMap<SourceFunction, FunctionSuspicion> {
  const functions = [...own.keys()]
  const callers = new Map(functions.map((fn) => [fn, callersOf(fn, functions)]))
  let scores = new Map([...own].map(([fn, { score }]) => [fn, score]))
  for (let round = 0; round < 2; round++) {
    const before = scores
    const scoreOf = (fn: SourceFunction | undefined): number => (fn === undefined ? 0 : (before.get(fn) ?? 0))
    scores = new Map(
      functions.map((fn) => {
        const called = Math.max(0, ...(callers.get(fn) ?? []).map(scoreOf))
        return [fn, Math.max(scoreOf(fn), POINTS.called * called, POINTS.around * scoreOf(fn.parent))]
      }),
    )
  }
  return new Map(
    [...own].map(([fn, suspicion]) => {
      const score = scores.get(fn) ?? suspicion.score
      return [fn, { ...suspicion, called: score > suspicion.score ? Math.min(1, score / 4) : 0, score }]
    }),
  )
}

/** Functions of any file that use a function's name. */
function callersOf(fn: SourceFunction, functions: readonly SourceFunction[]): readonly SourceFunction[] {
  if (!fn.named) return []
  return functions.filter((other) => other !== fn && (other.uses.has(fn.name) || other.members.has(fn.name)))
}

function lineSuspicion(
  line: number,
  file: KnownFile,
  { lines }: SourceModel,
  evidence: Evidence,
  fn: FunctionSuspicion | undefined,
): LineSuspicion {
  const text = lines[line] ?? ''
  const onStack = evidence.frames.some((frame) => frame.line === line + 1 && isIn(frame.path, file)) ? 1 : 0
  const words = [...wordsOf(text)]
  const issueWords = part(words.filter((word) => evidence.issueWords.has(word)).length)
  const failureWords = part(
    words.filter((word) => evidence.failureWords.has(word) || evidence.messageWords.has(word)).length,
  )
  const own = [...literalsOf(text)]
  const literals = part(
    own.filter((literal) => evidence.failureLiterals.has(literal) || evidence.issueLiterals.has(literal)).length,
  )
  const score =
    (fn?.score ?? outsideScore(text, evidence)) +
    onStack * POINTS.lineOnStack +
    issueWords * POINTS.lineIssueWords +
    failureWords * POINTS.lineFailureWords +
    literals * POINTS.lineLiterals
  return { onStack, issueWords, failureWords, literals, score }
}

/** A constant or table outside of functions is as suspect as its name. */
function outsideScore(text: string, evidence: Evidence): number {
  return [...tokensOf(text)].some((name) => name.length >= SHORTEST_NAME && evidence.issueNames.has(name))
    ? POINTS.named
    : 0.5
}

/** Three shared words are as good as more. */
function part(count: number): number {
  return Math.min(1, count / 3)
}

/** The innermost function of each line that has one: the function most of the line's code belongs to. */
function lineOwners(source: SourceModel): readonly (SourceFunction | undefined)[] {
  const owners: (SourceFunction | undefined)[] = source.lines.map(() => undefined)
  for (const fn of source.functions) {
    const last = source.lineOf(fn.node.end)
    for (let line = source.lineOf(fn.node.start); line <= last; line++) owners[line] = fn
  }
  return owners
}

/** Whether a path of a stack trace is this file, whatever the folder before it is called there. */
export function isIn(path: string, file: KnownFile): boolean {
  return path.endsWith(`/${file.name}`)
}
