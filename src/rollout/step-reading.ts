import { actionKind, callsOf, type ActionKind, type StepDraft } from '../domain/trajectory.ts'
import { actionLanes, fillObservationLanes } from '../tree/action-key.ts'
import { canonicalTool } from '../tree/canonical-call.ts'
import { LANES } from '../tree/key-lanes.ts'
import type { StepFacts } from './stuck.ts'

/** One Step as the rules see it: keys are equal for equal things. */
export interface StepReading {
  readonly kind: ActionKind
  /** Canonical Action without its thought (merge mode `call`); a malformed reply by its raw text. */
  readonly action: string
  /** A call with its normalised Observation; other Actions alone, since what answers them is automatic. */
  readonly round: string
  readonly failed: boolean
  readonly waits: boolean
  readonly infrastructure: boolean
}

const CALL = LANES.indexOf('call') * 2
const OBSERVATION = LANES.indexOf('observation') * 2

export function readStep(step: StepDraft, facts: StepFacts = {}): StepReading {
  const kind = actionKind(step)
  const keys = actionLanes([step])
  const action = `${keys[CALL]}:${keys[CALL + 1]}`
  if (kind !== 'call')
    return { kind, action, round: action, failed: false, waits: false, infrastructure: facts.infrastructure ?? false }
  const result = resultTexts(step)
  fillObservationLanes(keys, 0, result.join('\n'))
  const failed = facts.failed ?? hasFailed(step, result)
  return {
    kind,
    action,
    round: `${action}:${keys[OBSERVATION]}:${keys[OBSERVATION + 1]}`,
    failed,
    waits: isWaiting(step, failed),
    infrastructure: facts.infrastructure ?? isInfrastructure(step, result),
  }
}

/** What the calls returned, one text each: nudges and other words of the user that follow are no part of it. */
function resultTexts(step: StepDraft): readonly string[] {
  const tools = step.observation.filter(({ role }) => role === 'tool')
  const results = tools.length > 0 ? tools : step.observation.slice(0, Math.max(1, callsOf(step).length))
  return results.map(({ content }) => content)
}

/** How much of a result's beginning and end is looked at for signs of an error. */
const LOOKED_AT = 600

/**
 * Exit code of the command, or the one its result names: OpenHands' bracketed lines, mini-swe-agent's `<returncode>`.
 * -1 in OpenHands: the command still runs.
 */
function exitCodeOf(step: StepDraft, result: readonly string[]): number | undefined {
  return step.exitCode ?? exitCodeIn(result.at(-1) ?? '')
}

/** The exit code that a result names. */
export function exitCodeIn(text: string): number | undefined {
  const match = RETURN_CODE.exec(text.slice(0, LOOKED_AT)) ?? EXIT_LINE.exec(text.slice(-LOOKED_AT))
  return match === null ? undefined : Number(match[1])
}
const RETURN_CODE = /^<returncode>(-?\d{1,9})<\/returncode>/
const EXIT_LINE = /^\[(?:The command completed|Command finished) with exit code (-?\d{1,9})\.?/m

/** The result of a call without the line that says whose result it is. */
const HEADING = /^(?:EXECUTION RESULT of \[[^\]\n]{0,100}\]:|OBSERVATION:|Observation:)\s*/
/** The second line: how IPython begins a traceback, and a syntax error. */
const ERROR_START =
  /^(?:ERROR\b|[Ee]rror:|Traceback \(most recent call last\)|-{20,100}\n\w{1,80} {1,80}Traceback \(most|Cell In\[\d{1,6}\], line \d)/
const ERROR_END = /\[Error occurred in processing last action\]\s*$/

function hasFailed(step: StepDraft, result: readonly string[]): boolean {
  const code = exitCodeOf(step, result)
  if (code !== undefined && code !== 0 && code !== -1) return true
  if (code === 0 && callsOf(step).every(({ name }) => canonicalTool(name) === 'bash')) return false
  return result.some((text) => ERROR_START.test(text.slice(0, LOOKED_AT).replace(HEADING, '')) || isErrorEvent(text))
}

/** Whether OpenHands V0 marked this text as an error of the action itself (`ErrorObservation`). */
export function isErrorEvent(text: string): boolean {
  return ERROR_END.test(text.slice(-LOOKED_AT))
}

/** `sleep 30`, alone or before something that looks at the result; `wait`. */
const WAITING = /^(?:sleep\s+\d+(?:\.\d+)?[smh]?|wait(?:\s+%?\d+)?)\s*(?:$|[;&|\n])/

/** Waiting for a running program: an empty command (unless it was refused: nothing runs then), or one that begins with `sleep`. */
function isWaiting(step: StepDraft, failed: boolean): boolean {
  const [call, ...others] = callsOf(step)
  if (call === undefined || others.length > 0 || canonicalTool(call.name) !== 'bash') return false
  const command = typeof call.arguments === 'string' ? undefined : call.arguments['command']
  if (typeof command !== 'string') return false
  const text = command.slice(0, LOOKED_AT).trim()
  return text === '' ? !failed && command.length < LOOKED_AT : WAITING.test(text)
}

/**
 * What runs the commands failed, not the command: only where no exit code says that a command ran at all, and only in the
 * words of runtimes and gateways.
 */
const INFRASTRUCTURE =
  /\bagent ?runtime\w{0,40} ?error|\bruntime (?:was )?(?:disconnected|unavailable|not ready)|cannot connect to the docker daemon|error response from daemon|\bno such container|\bcontainer [\w.-]{1,80} is not running|\bremoteprotocolerror|\bread ?timeout: https?|\b(?:429 too many requests|502 bad gateway|503 service unavailable|504 gateway time-?out)\b|\brate limit (?:reached|exceeded)/i

function isInfrastructure(step: StepDraft, result: readonly string[]): boolean {
  const code = exitCodeOf(step, result)
  if (code !== undefined && code !== -1) return false
  return result.some((text) => INFRASTRUCTURE.test(text.slice(0, LOOKED_AT)))
}
