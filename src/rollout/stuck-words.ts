import { actionKind, callsOf, type StepDraft } from '../domain/trajectory.ts'
import type { StuckDetection, StuckRule } from './stuck.ts'
import type { StuckFinding } from './stuck-finding.ts'

const NAME_SHOWN = 40
const LABEL_SHOWN = 120
const CHUNK_SHOWN = 60

/** How the Action of a Step is called in a phrase: the tool's own name, or what kind of reply it was. Raw text of the source. */
export function actionName(step: StepDraft): string {
  const kind = actionKind(step)
  if (kind !== 'call') return kind === 'message' ? 'message' : 'malformed reply'
  return callsOf(step)[0]?.name.slice(0, NAME_SHOWN) ?? 'call'
}

/** The phrase of a detection. @param names - the Actions of one round, in order; for `chanting` what is chanted. */
export function stuckPhrase(rule: StuckRule, repeats: number, names: readonly string[]): string {
  const [first = 'action'] = names
  switch (rule) {
    case 'action-observation':
      return `${first} ×${repeats}, same output`
    case 'action-error':
      return `${first} ×${repeats}, error each time`
    case 'malformed':
      return `malformed reply ×${repeats}`
    case 'message':
      return `same message ×${repeats}`
    case 'cycle':
      return `${names.join(' → ')} ×${repeats}`
    case 'chanting':
      return `chanting “${first.replaceAll(/\s+/g, ' ').trim().slice(0, CHUNK_SHOWN)}”`
  }
}

/** What the Policy is told, once per loop: what repeats, and what to do instead. */
export function nudgeFor({ detection, label }: StuckFinding): string {
  return `${whatRepeats(detection, label.slice(0, LABEL_SHOWN))} ${ADVICE[detection.rule]}`
}

function whatRepeats({ rule, repeats, period }: StuckDetection, label: string): string {
  switch (rule) {
    case 'action-observation':
      return `You have made the same call ${repeats} times in a row (${label}), and its result has not changed.`
    case 'action-error':
      return `You have made the same call ${repeats} times in a row (${label}), and it failed each time.`
    case 'malformed':
      return `Your last ${repeats} replies could not be read as a tool call.`
    case 'message':
      return `You have sent the same message ${repeats} times in a row without calling a tool.`
    case 'cycle':
      return `Your last ${period * repeats} actions were the same ${period} actions repeated ${repeats} times with the same results, the newest being: ${label}.`
    case 'chanting':
      return 'Your last reply repeated the same text over and over and was of no use.'
  }
}

const ADVICE: Readonly<Record<StuckRule, string>> = {
  'action-observation': 'Doing it again will not help: use what it returned, or try something different.',
  'action-error': 'Read the error, check your assumptions, and change the call or take another way.',
  malformed: 'Write exactly one call in the required format, with every required parameter.',
  message: 'Go on working with a tool call, or finish if the task is done.',
  cycle: 'This makes no progress: take a step you have not tried yet, or finish if the task is done.',
  chanting: 'Answer briefly and make one tool call.',
}
