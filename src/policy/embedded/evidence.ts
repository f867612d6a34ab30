import type { AgentState, PastRun } from './agent-state.ts'
import { newestFailure } from './agent-state.ts'
import type { SourceModel } from './source-model.ts'
import type { Frame, TestResult } from './test-output.ts'
import { codeNamesOf, literalsOf, tokensOf, wordsOf } from './words.ts'

/** What the issue and the newest failing run say, taken apart once for all files. */
export interface Evidence {
  /** Names in the issue as they stand, and those it sets as code. */
  readonly issueNames: ReadonlySet<string>
  readonly issueCode: ReadonlySet<string>
  readonly issueWords: ReadonlySet<string>
  readonly issueLiterals: ReadonlySet<string>
  readonly run: PastRun | undefined
  /** Words of the names and messages of failing tests. */
  readonly failureWords: ReadonlySet<string>
  readonly messageWords: ReadonlySet<string>
  /** Literals of what failing tests expected and got. */
  readonly failureLiterals: ReadonlySet<string>
  readonly frames: readonly Frame[]
  /** Share of failing tests whose body or title names this; 0 when no test failed or their file was not seen. */
  failingShare(name: string): number
  /** The same of passing tests. */
  passingShare(name: string): number
}

/** @param tests - models of the test files that were seen. */
export function evidenceOf(state: AgentState, tests: readonly SourceModel[]): Evidence {
  const run = newestFailure(state)
  const failing = run?.tests.filter(({ passed }) => !passed) ?? []
  const passing = run?.tests.filter(({ passed }) => passed) ?? []
  const bodies = testBodies(tests)
  const failingNames = failing.map((test) => namesOf(test, bodies))
  const passingNames = passing.map((test) => namesOf(test, bodies))
  return {
    issueNames: tokensOf(state.issue),
    issueCode: codeNamesOf(state.issue),
    issueWords: wordsOf(state.issue),
    issueLiterals: literalsOf(state.issue),
    run,
    failureWords: wordsOf(failing.map(({ name }) => name).join('\n')),
    messageWords: wordsOf(failing.map(({ message }) => message).join('\n')),
    failureLiterals: literalsOf(
      failing.map(({ message, expected, actual }) => `${expected} ${actual} ${message}`).join('\n'),
    ),
    frames: failing.flatMap(({ frames }) => frames),
    failingShare: (name) => shareOf(failingNames, name),
    passingShare: (name) => shareOf(passingNames, name),
  }
}

function shareOf(sets: readonly ReadonlySet<string>[], name: string): number {
  if (sets.length === 0) return 0
  return sets.filter((names) => names.has(name)).length / sets.length
}

function namesOf({ name }: TestResult, bodies: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  return bodies.get(name) ?? tokensOf(name)
}

/** Names in the body and title of each test, and in the test file's own functions that it calls: `test('adds', () => …)`. */
function testBodies(tests: readonly SourceModel[]): ReadonlyMap<string, ReadonlySet<string>> {
  const bodies = new Map<string, ReadonlySet<string>>()
  for (const { text, places, functions } of tests) {
    const helpers = functions.filter(({ named, parent }) => named && parent === undefined)
    for (const { node } of places) {
      if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') continue
      if (node.callee.name !== 'test' && node.callee.name !== 'it') continue
      const [title] = node.arguments
      if (title?.type !== 'Literal' || typeof title.value !== 'string') continue
      const own = tokensOf(text.slice(node.start, node.end))
      const called = helpers.filter(({ name }) => own.has(name)).map((fn) => text.slice(fn.node.start, fn.node.end))
      bodies.set(title.value.trim(), new Set([...own, ...tokensOf(called.join('\n'))]))
    }
  }
  return bodies
}
