import { SealignError } from '../domain/errors.ts'
import type { StepDraft } from '../domain/trajectory.ts'
import {
  STUCK_RULES,
  type StepFacts,
  type StuckOptions,
  type StuckPolicy,
  type StuckReport,
  type StuckRule,
  type StuckRules,
  type StuckWatch,
} from './stuck.ts'
import { Escalation, type EscalationSettings } from './stuck-escalation.ts'
import type { StuckFinder } from './stuck-finding.ts'
import { OPENHANDS_RULES, type OpenHandsRule, OpenHandsRules } from './stuck-openhands.ts'
import { SealignRules, STUCK_THRESHOLDS } from './stuck-rules.ts'

const DEFAULT_NUDGES = 3
const DEFAULT_WAIT_ROUNDS = 10
const MOST_ROUNDS = 1000

/**
 * Watches one rollout for loops.
 * @throws SealignError `usage` when a threshold or count is out of its range, or given to a policy that has none.
 */
export function createStuckWatch(policy: StuckPolicy = 'sealign', options: StuckOptions = {}): StuckWatch {
  const finder = createStuckFinder(policy, options)
  return finder === undefined ? BLIND : new Watch(finder, new Escalation(escalationOf(policy, options)))
}

/** The rules of a policy without what follows from them; `undefined` when it has none. @throws as `createStuckWatch`. */
export function createStuckFinder(policy: StuckPolicy, options: StuckOptions = {}): StuckFinder | undefined {
  const waitRounds = whole('waitRounds', options.waitRounds ?? DEFAULT_WAIT_ROUNDS, 1)
  if (policy === 'off') return undefined
  if (policy === 'sealign') return new SealignRules(thresholdsOf(options.rules ?? {}), waitRounds)
  return new OpenHandsRules(switchedOn(options.rules ?? {}))
}

/** How a policy escalates; OpenHands V0 stops at once. @throws as `createStuckWatch`. */
export function escalationOf(policy: StuckPolicy, options: StuckOptions = {}): EscalationSettings {
  const { again, nudges = DEFAULT_NUDGES, upTo = 'stop' } = options
  if (policy === 'openhands-v0') return { again: 0, nudges: 0, upTo }
  return {
    again: again === undefined ? undefined : whole('again', again, 0),
    nudges: whole('nudges', nudges, 0),
    upTo,
  }
}

class Watch implements StuckWatch {
  readonly #finder: StuckFinder
  readonly #escalation: Escalation

  constructor(finder: StuckFinder, escalation: Escalation) {
    this.#finder = finder
    this.#escalation = escalation
  }

  push(step: StepDraft, t: number, facts?: StepFacts): StuckReport | undefined {
    return this.#escalation.next(this.#finder.push(step, t, facts))
  }

  reset(): void {
    this.#finder.reset()
    this.#escalation.reset()
  }
}

const BLIND: StuckWatch = { push: () => undefined, reset: () => undefined }

function thresholdsOf(rules: StuckRules): Map<StuckRule, number> {
  const thresholds = new Map<StuckRule, number>()
  for (const rule of STUCK_RULES) {
    const setting = rules[rule] ?? true
    if (setting === false) continue
    const least = rule === 'chanting' ? 1 : 2
    thresholds.set(rule, setting === true ? STUCK_THRESHOLDS[rule] : whole(`threshold of ${rule}`, setting, least))
  }
  return thresholds
}

function switchedOn(rules: StuckRules): readonly OpenHandsRule[] {
  const given = STUCK_RULES.find((rule) => typeof rules[rule] === 'number')
  if (given !== undefined)
    throw new SealignError('usage', `the rule ${given} of openhands-v0 has a threshold of its own`, {
      hint: 'Switch it on or off, or use the policy sealign.',
    })
  return OPENHANDS_RULES.filter((rule) => rules[rule] !== false)
}

function whole(what: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value <= MOST_ROUNDS) return value
  throw new SealignError('usage', `the stuck detector's ${what} is ${value}, expected ${least} to ${MOST_ROUNDS}`)
}
