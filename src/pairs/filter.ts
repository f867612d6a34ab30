import { isBenchmark } from './benchmark-guard.ts'
import { callText } from '../tree/action-key.ts'
import { hashText } from '../tree/hash64.ts'
import { LANES, STEP_WORDS } from '../tree/key-lanes.ts'
import type { KeyedTrajectory } from '../tree/tree.ts'

/** One Trajectory as the filters see it. */
export interface FilterCandidate extends KeyedTrajectory {
  readonly task: string
  readonly repository?: string
  /** Set when the machinery failed, whatever the reason. */
  readonly infrastructure?: string
  /** Rolled out here: whoever collects on a benchmark wants to see its trees; exports for training leave it out all the same. */
  readonly own?: boolean
  /** Rolled out to measure a policy: what is evaluated on is not trained on. */
  readonly evaluation?: boolean
  /** The label of Step t ≥ 1 (`bash pytest -x`); reasons show its first word. */
  readonly label?: (step: number) => string
}

/** Which rules apply; every one can be switched off. */
export interface FilterOptions {
  readonly infrastructure: boolean
  /** Leave out what Evaluations rolled out. */
  readonly evaluation: boolean
  readonly benchmark: boolean
  /** Leave out Trajectories with an unknown Outcome; off, Trees show them and count them apart. */
  readonly unknownOutcome: boolean
  readonly duplicates: boolean
  readonly loops: boolean
  /** How often in a row the same action makes a loop; at least 2. */
  readonly loopRepeats: number
  readonly noOverlap: boolean
  /** What a person decided, by id: `true` = stays whatever the rules say, `false` = goes. */
  readonly byHand?: ReadonlyMap<number, boolean>
}

/** The filters of SEAlign §4.1 and §4.2. */
export const DEFAULT_FILTERS: FilterOptions = {
  infrastructure: true,
  evaluation: true,
  benchmark: true,
  unknownOutcome: false,
  duplicates: true,
  loops: true,
  loopRepeats: 3,
  noOverlap: true,
}

/** No rule applies. */
export const NO_FILTERS: FilterOptions = {
  infrastructure: false,
  evaluation: false,
  benchmark: false,
  unknownOutcome: false,
  duplicates: false,
  loops: false,
  loopRepeats: 3,
  noOverlap: false,
}

/**
 * Which Trajectories are left out, and why, by id: the reason of the first rule that applies.
 *
 * Rules in order: infrastructure failure, evaluation, benchmark repository, unknown outcome, duplicate, loop, no overlap. Later rules look only
 * at what earlier ones left, so that a duplicate's twin, or a looping run, is nobody's overlap.
 *
 * **Choice** – "without progress" (§4.2) is the paper's own measure of a loop (§5.2): the same action in consecutive rounds,
 * whatever it returned. Waiting for a running program with empty commands counts from the tenth time on.
 */
export function filterTrajectories(
  list: readonly FilterCandidate[],
  options: FilterOptions = DEFAULT_FILTERS,
): Map<number, string> {
  const reasons = new Reasons(options.byHand)
  for (const candidate of list) {
    const reason = reasonAlone(candidate, options)
    if (reason !== undefined) reasons.set(candidate.id, reason)
  }
  if (options.duplicates) markDuplicates(list, reasons)
  if (options.loops) markLoops(list, reasons, Math.max(2, options.loopRepeats))
  if (options.noOverlap) markLoners(list, reasons)
  return reasons
}

/** Why trees and datasets leave out what measures a policy. */
export const EVALUATION_REASON = 'evaluation'

/** Why trees and datasets leave a benchmark's Tasks out (paper §4.1). */
export const BENCHMARK_REASON = 'benchmark repository'

/** Reasons by id; a Trajectory that a person put back never gets one, and still counts as its neighbours' overlap. */
class Reasons extends Map<number, string> {
  readonly #byHand: ReadonlyMap<number, boolean>

  constructor(byHand: ReadonlyMap<number, boolean> = new Map()) {
    super()
    this.#byHand = byHand
    for (const [id, stays] of byHand) if (!stays) super.set(id, 'left out by hand')
  }

  override set(id: number, reason: string): this {
    return this.#byHand.has(id) ? this : super.set(id, reason)
  }
}

function reasonAlone(
  { task, repository, outcome, infrastructure, own, evaluation }: FilterCandidate,
  options: FilterOptions,
): string | undefined {
  if (options.infrastructure && infrastructure !== undefined) return 'infrastructure failure'
  if (options.evaluation && evaluation === true) return EVALUATION_REASON
  if (options.benchmark && own !== true && isBenchmark(task, repository)) return BENCHMARK_REASON
  return options.unknownOutcome && outcome === 'unknown' ? 'unknown outcome' : undefined
}

const CALL = LANES.indexOf('call') * 2

/** The same Task, Outcome and whole sequence of actions; the first in the list stays. */
function markDuplicates(list: readonly FilterCandidate[], reasons: Map<number, string>): void {
  const first = new Map<string, number>()
  for (const candidate of list) {
    if (reasons.has(candidate.id)) continue
    const words: number[] = []
    for (let at = CALL; at < candidate.keys.length; at += STEP_WORDS)
      words.push(candidate.keys[at] ?? 0, candidate.keys[at + 1] ?? 0)
    const sequence = `${candidate.outcome} ${words.join(' ')} ${candidate.task}`
    const original = first.get(sequence)
    if (original === undefined) first.set(sequence, candidate.id)
    else reasons.set(candidate.id, `duplicate of trajectory ${original}`)
  }
}

function markLoops(list: readonly FilterCandidate[], reasons: Map<number, string>, repeats: number): void {
  for (const candidate of list) {
    if (reasons.has(candidate.id)) continue
    const loop = longestLoop(candidate.keys, repeats)
    if (loop === undefined) continue
    reasons.set(
      candidate.id,
      `loop: ${actionName(candidate.label?.(loop.step) ?? '')} ×${loop.times} from step ${loop.step}`,
    )
  }
}

/** `bash` of `bash pytest -x`; a message or a malformed reply has no tool to name. */
function actionName(label: string): string {
  if (label.startsWith('“')) return 'message'
  if (label.startsWith('malformed:')) return 'malformed reply'
  return label.split(' ', 1)[0]?.slice(0, 60) || 'same action'
}

/** The longest run of one action (the first of equally long ones) that is long enough to be a loop. */
export function longestLoop(
  keys: Uint32Array,
  repeats: number,
): { readonly step: number; readonly times: number } | undefined {
  let longest: { step: number; times: number } | undefined
  let start = CALL
  for (let at = CALL; at < keys.length; at += STEP_WORDS) {
    if (keys[at] !== keys[start] || keys[at + 1] !== keys[start + 1]) start = at
    const times = (at - start) / STEP_WORDS + 1
    if (times < (isPolling(keys, at) ? Math.max(POLLS, repeats) : repeats)) continue
    if (times > (longest?.times ?? 0)) longest = { step: (start - CALL) / STEP_WORDS + 1, times }
  }
  return longest
}
/** Empty commands in a row before waiting is a loop. */
const POLLS = 10

/** Keys of the empty shell command, with and without `is_input`. */
const POLLING = [{ command: '' }, { command: '', is_input: true }].map((args) => {
  const words = new Uint32Array(2)
  const reply = { role: 'assistant', content: '', toolCalls: [{ name: 'execute_bash', arguments: args }] } as const
  hashText(callText({ reply, observation: [] }), words, 0)
  return words
})

function isPolling(keys: Uint32Array, at: number): boolean {
  return POLLING.some((words) => keys[at] === words[0] && keys[at + 1] === words[1])
}

/** Trajectories whose first action no other remaining Trajectory of the Task shares; one without a Step shares nothing. */
function markLoners(list: readonly FilterCandidate[], reasons: Map<number, string>): void {
  const remaining = list.filter(({ id }) => !reasons.has(id))
  const shared = new Map<string, number>()
  const firstAction = ({ task, keys }: FilterCandidate): string => `${keys[CALL]} ${keys[CALL + 1]} ${task}`
  for (const candidate of remaining) shared.set(firstAction(candidate), (shared.get(firstAction(candidate)) ?? 0) + 1)
  for (const candidate of remaining) {
    if (candidate.keys.length === 0 || shared.get(firstAction(candidate)) === 1) reasons.set(candidate.id, 'no overlap')
  }
}
