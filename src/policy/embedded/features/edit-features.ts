import type { AnyNode } from 'acorn'
import { newestFailure, type AgentState } from '../agent-state.ts'
import type { Candidate } from '../candidates.ts'
import { type EditOutcome, outcomesOf } from '../edit-outcomes.ts'
import { OPERATORS } from '../edits/mutation.ts'
import { isFunction, type Place } from '../source-model.ts'
import type { TestResult } from '../test-output.ts'
import { literalsOf, tokensOf, wordsOf } from '../words.ts'
import { type Feature, flag, upTo } from './feature.ts'
import { CROSSINGS, type Family, isOfFamily, type Topic, topicsOf } from './lexicon.ts'

/** What all edits of one moment have in common. */
export interface EditContext {
  readonly topics: Readonly<Record<Topic, number>>
  /** How the first failing test missed: each 0 or 1. */
  readonly miss: Miss
  readonly best: number
  readonly failureLiterals: ReadonlySet<string>
  readonly issueLiterals: ReadonlySet<string>
  readonly issueNames: ReadonlySet<string>
  /** Lines and functions where edits were tried in vain: `path:line`. */
  readonly triedLines: ReadonlySet<string>
  readonly triedFunctions: ReadonlySet<string>
}

export interface EditFacts {
  readonly context: EditContext
  readonly candidate: Candidate
  readonly rank: number
  readonly tried: EditOutcome | undefined
  /** Text that is put in and taken away. */
  readonly added: string
  readonly taken: string
}

/** How what a test expected and what it got differ. */
interface Miss {
  readonly byOne: number
  readonly truth: number
  readonly nothing: number
  readonly length: number
  readonly sign: number
  readonly threw: number
  readonly promise: number
}

export function editContext(state: AgentState, candidates: readonly Candidate[]): EditContext {
  const failing = newestFailure(state)?.tests.filter(({ passed }) => !passed) ?? []
  const outcomes = outcomesOf(state)
  const vain = state.edits.filter((_, at) => outcomes[at] === 'same' || outcomes[at] === 'worse')
  const words = wordsOf(`${state.issue}\n${failing.map(({ name, message }) => `${name}\n${message}`).join('\n')}`)
  return {
    topics: topicsOf(words),
    miss: missOf(failing[0]),
    best: candidates[0]?.score ?? 0,
    failureLiterals: literalsOf(
      failing.map(({ expected, actual, message }) => `${expected} ${actual} ${message}`).join('\n'),
    ),
    issueLiterals: literalsOf(state.issue),
    issueNames: tokensOf(state.issue),
    triedLines: new Set(vain.flatMap(({ path, before, after }) => triedLine(path, before, after))),
    triedFunctions: new Set(
      vain.flatMap(({ path, before, after }) => {
        const [line] = triedLine(path, before, after)
        return candidates.flatMap((one) => (placeKey(one) === line ? [functionKey(one)] : []))
      }),
    ),
  }
}

export function editFacts(
  context: EditContext,
  candidate: Candidate,
  rank: number,
  tried: EditOutcome | undefined,
): EditFacts {
  const { start, end, text } = candidate.mutation
  return { context, candidate, rank, tried, added: text, taken: candidate.source.text.slice(start, end) }
}

/** The first line that differs, as `path:line`. */
function triedLine(path: string, before: string | undefined, after: string | undefined): string[] {
  if (before === undefined || after === undefined) return []
  const [old, now] = [before.split('\n'), after.split('\n')]
  const line = old.findIndex((text, at) => text !== now[at])
  return line < 0 ? [] : [`${path}:${line}`]
}

function placeKey({ file, line }: Candidate): string {
  return `${file.path}:${line}`
}

function functionKey({ file, mutation }: Candidate): string {
  return `${file.path}:${mutation.place.within?.name ?? ''}`
}

function missOf(test: TestResult | undefined): Miss {
  const { expected, actual, message } = test ?? { expected: '', actual: '', message: '' }
  const [wanted, got] = [Number(expected), Number(actual)]
  const numbers = expected !== '' && actual !== '' && Number.isFinite(wanted) && Number.isFinite(got)
  const lines = expected.split('\n').length - actual.split('\n').length
  return {
    byOne: flag((numbers && Math.abs(wanted - got) === 1) || Math.abs(lines) === 1),
    truth: flag(isTruth(expected) && isTruth(actual)),
    nothing: flag(/^(?:undefined|null|NaN)?$/.test(actual) !== /^(?:undefined|null|NaN)?$/.test(expected)),
    length: Math.max(-1, Math.min(1, lines)),
    sign: flag(numbers && wanted === -got && wanted !== 0),
    threw: flag(/TypeError|ReferenceError|Cannot read|is not (?:a function|iterable|defined)/.test(message)),
    promise: flag(/Promise|rejection|unhandled|async/i.test(`${actual} ${message}`)),
  }
}

function isTruth(text: string): boolean {
  return text === 'true' || text === 'false'
}

const isOf = ({ candidate }: EditFacts, ...operators: readonly string[]): boolean =>
  operators.includes(candidate.mutation.operator)

/** Whether a place stands in a part of a statement: `test`, `update`, an argument. */
function standsIn(place: Place, slots: readonly string[]): boolean {
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) {
    if (slots.includes(at.slot)) return true
    if (isFunction(at.node) || at.node.type.endsWith('Statement')) return false
  }
  return false
}

function standsUnder(place: Place, types: readonly AnyNode['type'][]): boolean {
  for (let at: Place | undefined = place.parent; at !== undefined; at = at.parent) {
    if (types.includes(at.node.type)) return true
    if (isFunction(at.node) || at.node.type === 'BlockStatement') return false
  }
  return false
}

export const EDIT_FEATURES: readonly Feature<EditFacts>[] = [
  ...OPERATORS.map(
    (operator): Feature<EditFacts> => [
      `operator ${operator}`,
      ({ candidate }) => flag(candidate.mutation.operator === operator),
    ],
  ),
  ['edit score', ({ candidate }) => upTo(candidate.score, 11)],
  ['edit rank', ({ rank }) => upTo(rank, 80)],
  ['edit of the first five', ({ rank }) => flag(rank < 5)],
  ['edit of the first twenty', ({ rank }) => flag(rank < 20)],
  ['below the best edit', ({ candidate, context }) => upTo(context.best - candidate.score, 5)],
  ['operator weight', ({ candidate }) => candidate.mutation.weight],
  ['function named', ({ candidate }) => candidate.inFunction.named],
  ['function named as code', ({ candidate }) => candidate.inFunction.namedAsCode],
  ['function in failing tests', ({ candidate }) => candidate.inFunction.failing],
  ['function in passing tests', ({ candidate }) => candidate.inFunction.passing],
  ['function shares words', ({ candidate }) => candidate.inFunction.words],
  ['function on the stack', ({ candidate }) => candidate.inFunction.onStack],
  ['function called by a suspect', ({ candidate }) => candidate.inFunction.called],
  ['function suspicion', ({ candidate }) => upTo(candidate.inFunction.score, 6)],
  ['line on the stack', ({ candidate }) => candidate.onLine.onStack],
  ['line shares words with the issue', ({ candidate }) => candidate.onLine.issueWords],
  ['line shares words with failures', ({ candidate }) => candidate.onLine.failureWords],
  ['line shares literals', ({ candidate }) => candidate.onLine.literals],
  ['outside of functions', ({ candidate }) => flag(candidate.mutation.place.within === undefined)],
  ['tried in vain', ({ tried }) => flag(tried === 'same' || tried === 'worse')],
  ['tried', ({ tried }) => flag(tried !== undefined)],
  ['line tried in vain', ({ candidate, context }) => flag(context.triedLines.has(placeKey(candidate)))],
  ['function tried in vain', ({ candidate, context }) => flag(context.triedFunctions.has(functionKey(candidate)))],
  ['size', ({ candidate }) => upTo(candidate.size, 8)],
  ['depth', ({ candidate }) => upTo(candidate.mutation.place.depth, 8)],
  ['in a loop', ({ candidate }) => flag(candidate.mutation.place.loops > 0)],
  ['in a test', ({ candidate }) => flag(standsIn(candidate.mutation.place, ['test']))],
  ['in a loop head', ({ candidate }) => flag(standsIn(candidate.mutation.place, ['init', 'update']))],
  ['in a return', ({ candidate }) => flag(standsUnder(candidate.mutation.place, ['ReturnStatement']))],
  ['in arguments', ({ candidate }) => flag(standsIn(candidate.mutation.place, ['arguments']))],
  ['in an index', ({ candidate }) => flag(standsUnder(candidate.mutation.place, ['MemberExpression']))],
  ['in an async function', ({ candidate }) => flag(candidate.mutation.place.within?.isAsync === true)],
  ['bound with a length', (facts) => flag(isBoundWithLength(facts))],
  ['puts in an unused name', (facts) => flag(isUnused(facts, facts.added))],
  ['takes the only use of a name', (facts) => flag(isOnlyUse(facts))],
  ['puts in a named word', ({ context, added }) => flag(added.length > 2 && context.issueNames.has(added))],
  ['takes a named word', ({ context, taken }) => flag(taken.length > 2 && context.issueNames.has(taken))],
  ['puts in a literal of failures', ({ context, added }) => flag(context.failureLiterals.has(plain(added)))],
  ['puts in a literal of the issue', ({ context, added }) => flag(context.issueLiterals.has(plain(added)))],
  [
    'awaits a call of an async function',
    (facts) => flag(isOf(facts, 'await') && facts.candidate.mutation.weight >= 0.7),
  ],
  ['missed by one, bounds', (facts) => crossed(facts, facts.context.miss.byOne, 'bounds')],
  ['missed a truth value, tests', (facts) => crossed(facts, facts.context.miss.truth, 'tests')],
  ['missed a truth value, bounds', (facts) => crossed(facts, facts.context.miss.truth, 'bounds')],
  ['got nothing, lines', (facts) => crossed(facts, facts.context.miss.nothing, 'lines')],
  ['got nothing, names', (facts) => crossed(facts, facts.context.miss.nothing, 'names')],
  ['wrong length, bounds', (facts) => crossed(facts, facts.context.miss.length, 'bounds')],
  ['wrong length, lines', (facts) => crossed(facts, facts.context.miss.length, 'lines')],
  ['wrong sign, names', (facts) => crossed(facts, facts.context.miss.sign, 'names')],
  ['threw, tests', (facts) => crossed(facts, facts.context.miss.threw, 'tests')],
  ['threw, lines', (facts) => crossed(facts, facts.context.miss.threw, 'lines')],
  ['got a promise, waits', (facts) => crossed(facts, facts.context.miss.promise, 'waits')],
  ...CROSSINGS.map(
    ([topic, family]): Feature<EditFacts> => [
      `topic ${topic}, ${family}`,
      (facts) => crossed(facts, facts.context.topics[topic], family),
    ],
  ),
]

function crossed({ candidate }: EditFacts, value: number, family: Family): number {
  return isOfFamily(candidate.mutation.operator, family) ? value : 0
}

function isBoundWithLength(facts: EditFacts): boolean {
  if (!isOf(facts, 'boundary', 'offset', 'number')) return false
  const { source, line } = facts.candidate
  return /\.(?:length|size)\b/.test(source.lines[line] ?? '')
}

/** Whether a name is a parameter or variable that its function does not use yet. */
function isUnused({ candidate }: EditFacts, name: string): boolean {
  if (candidate.mutation.operator !== 'variable') return false
  for (let fn = candidate.mutation.place.within; fn !== undefined; fn = fn.parent) {
    if (fn.declared.has(name)) return (fn.uses.get(name) ?? 0) === 0
  }
  return false
}

function isOnlyUse({ candidate, taken }: EditFacts): boolean {
  if (candidate.mutation.operator !== 'variable') return false
  for (let fn = candidate.mutation.place.within; fn !== undefined; fn = fn.parent) {
    if (fn.declared.has(taken)) return fn.uses.get(taken) === 1
  }
  return false
}

function plain(text: string): string {
  return text.replaceAll(/^['"]|['"]$/g, '')
}
