import { actionKind, type StepDraft } from '../domain/trajectory.ts'
import type { FailureKind } from './report.ts'

/** What shows that a rollout went wrong in one of the paper's three ways (§3.2, figure 1), and where it shows first. */
export interface FailureSign {
  readonly kind: Exclude<FailureKind, 'other'>
  /** Step t ≥ 1 at which it begins. */
  readonly step: number
  /** One phrase: `text after the call`. */
  readonly says: string
}

/** A loop that the caller measured, and what it is in one phrase. */
export interface SeenLoop {
  readonly from: number
  readonly says: string
}

const TALKS = 'talks instead of acting'
const REPEATS = 'repeats its message and never calls finish'
const AFTER_CALL = 'text after the call'

/**
 * The signs of failure in a Trajectory, each cause once, at its first Step, in order of Steps.
 * @param loop - the first loop, as measured by the rules of `src/rollout`.
 */
export function failureSigns(steps: readonly StepDraft[], loop: SeenLoop | undefined): FailureSign[] {
  const signs = new Map<string, FailureSign>()
  const note = (kind: FailureSign['kind'], step: number, says: string): void => {
    if (!signs.has(says)) signs.set(says, { kind, step, says })
  }
  for (const [index, step] of steps.entries()) {
    if (actionKind(step) === 'message') note('instruction', index + 1, TALKS)
    if (hasTextAfterCall(step)) note('instruction', index + 1, AFTER_CALL)
    const invalid = invalidCall(step)
    if (invalid !== undefined) note('tool', index + 1, invalid)
  }
  const repeats = repeatedMessage(steps)
  if (repeats !== undefined) note('instruction', repeats, REPEATS)
  if (loop !== undefined) note('loop', loop.from, loop.says)
  return [...signs.values()].sort((a, b) => a.step - b.step)
}

/** Why the framework could not read the calls of a Step, or refused one for its parameters; one phrase, `undefined` for neither. */
export function invalidCall(step: StepDraft): string | undefined {
  if (step.malformed !== undefined) {
    if (UNKNOWN_TOOL.test(step.malformed)) return 'unknown tool'
    return PARAMETER.test(step.malformed) ? 'wrong or missing parameter' : 'malformed call'
  }
  if (actionKind(step) !== 'call') return undefined
  const refused = step.observation.some(({ content }) => REFUSED.test(content.slice(0, LOOKED_AT)))
  return refused ? 'wrong or missing parameter' : undefined
}

/** A refusal is the beginning of a result. */
const LOOKED_AT = 600
const UNKNOWN_TOOL =
  /\b[Ff]unction .{1,200} does not exist|names no function|\b(?:unknown|unrecognized) (?:tool|function)/i
const PARAMETER = /\bparameter|\bmust be (?:an? |one of |true)|\bnot allowed for function/i
/**
 * What tools say to calls whose parameters they cannot use. A path that does not exist, or a text that is not in the file, is a mistake
 * about the repository and no invalid call.
 */
const REFUSED =
  /^(?:EXECUTION RESULT of \[[^\]\n]{0,100}\]:|OBSERVATION:)?\s*ERROR:\s*(?:Parameter `[^`\n]{1,80}` (?:is required|must be|is not allowed)|Invalid `(?!path`)[^`\n]{1,80}` parameter|Missing required (?:parameter|argument)|Only one command can be run at once)/

/** Text behind a call that was written in the reply: all systems of tags end with the call (figure 1). */
function hasTextAfterCall({ calls, reply }: StepDraft): boolean {
  if (calls === undefined) return false
  const end = reply.content.indexOf(CALL_END, Math.max(0, reply.content.indexOf('<function=')))
  return (
    end >= 0 &&
    reply.content
      .slice(end + CALL_END.length)
      .replace(WRAPPER, '')
      .trim() !== ''
  )
}
const CALL_END = '</function>'
const WRAPPER = /^\s*<\/tool_call>/

/** Where the Trajectory begins to end on the same message again and again; `undefined`: it does not. */
function repeatedMessage(steps: readonly StepDraft[]): number | undefined {
  const last = steps.at(-1)
  if (last === undefined || actionKind(last) !== 'message') return undefined
  let first = steps.length
  for (let t = steps.length - 1; t >= 1; t--) {
    const step = steps[t - 1]
    if (step === undefined || actionKind(step) !== 'message') break
    if (step.reply.content.trim() !== last.reply.content.trim()) break
    first = t
  }
  return first < steps.length ? first : undefined
}
