import type { StepDraft } from '../domain/trajectory.ts'
import { actionLabel } from '../tree/action-key.ts'
import { v0Events, type V0Event } from './openhands-events.ts'
import { NO_FINDINGS, type StuckFinder, type StuckFinding } from './stuck-finding.ts'
import { actionName, stuckPhrase } from './stuck-words.ts'

/** The rules OpenHands V0 has; `cycle` is its alternation of two. Its context loop needs condensation, which no Step holds. */
export const OPENHANDS_RULES = ['action-observation', 'action-error', 'message', 'cycle'] as const
export type OpenHandsRule = (typeof OPENHANDS_RULES)[number]

type Observation = Extract<V0Event, { type: 'observation' }>

/** A loop as far as V0 sees it: the Step of its oldest action. */
interface Loop {
  readonly from: number
  readonly period: number
  readonly repeats: number
}

/** Actions and observations that V0 looks back on. */
const LOOKED_BACK = 6
const MESSAGES = 3

/**
 * The stuck detector of OpenHands V0 (`openhands/controller/stuck.py`, November 2025) in headless mode, without its context loop:
 * thoughts count, a command's output does not (only its exit code), and the last actions and the last observations are two
 * queues that need not belong together.
 */
export class OpenHandsRules implements StuckFinder {
  readonly rules: readonly OpenHandsRule[]
  /** Newest first. */
  readonly #actions: { readonly key: string; readonly t: number; readonly name: string }[] = []
  readonly #observations: Observation[] = []
  readonly #messages: { readonly key: string; readonly t: number; readonly observed: number }[] = []
  #observed = 0

  /** @param rules - those of `OPENHANDS_RULES` that are on. */
  constructor(rules: readonly OpenHandsRule[]) {
    this.rules = rules
  }

  push(step: StepDraft, t: number): readonly StuckFinding[] {
    const found = new Map<OpenHandsRule, Loop>()
    for (const group of v0Events(step)) {
      for (const event of group) this.#take(event, step, t)
      for (const rule of this.rules) {
        const loop = found.has(rule) ? undefined : this.#loop(rule)
        if (loop !== undefined) found.set(rule, loop)
      }
    }
    if (found.size === 0) return NO_FINDINGS
    return this.rules.flatMap((rule) => {
      const loop = found.get(rule)
      return loop === undefined ? [] : [this.#finding(rule, loop, step, t)]
    })
  }

  reset(): void {
    this.#actions.length = 0
    this.#observations.length = 0
    this.#messages.length = 0
    this.#observed = 0
  }

  #take(event: V0Event, step: StepDraft, t: number): void {
    if (event.type === 'observation') {
      keep(this.#observations, event, LOOKED_BACK)
      this.#observed++
      return
    }
    keep(this.#actions, { key: event.key, t, name: actionName(step) }, LOOKED_BACK)
    if (event.isMessage) keep(this.#messages, { key: event.key, t, observed: this.#observed }, MESSAGES)
  }

  #loop(rule: OpenHandsRule): Loop | undefined {
    switch (rule) {
      case 'action-observation':
        return this.#actionsEqual(4) && allEqual(this.#observations, 4) ? this.#loopOf(1, 4) : undefined
      case 'action-error':
        return this.#actionsEqual(3) && this.#failed() ? this.#loopOf(1, 3) : undefined
      case 'message':
        return this.#monologue()
      case 'cycle':
        return alternate(this.#actions) && alternate(this.#observations) ? this.#loopOf(2, 3) : undefined
    }
  }

  #actionsEqual(count: number): boolean {
    return allEqual(this.#actions, count)
  }

  /** The last three observations are errors, or three times the same syntax error of a cell. */
  #failed(): boolean {
    const last = this.#observations.slice(0, 3)
    if (last.length < 3) return false
    if (last.every(({ isError }) => isError)) return true
    const [{ syntaxError } = { syntaxError: undefined }] = last
    return syntaxError !== undefined && last.every((observation) => observation.syntaxError === syntaxError)
  }

  /** Three equal messages without an observation since the first of them. */
  #monologue(): Loop | undefined {
    const [newest, , oldest] = this.#messages
    if (newest === undefined || oldest === undefined || !allEqual(this.#messages, MESSAGES)) return undefined
    return newest.observed === oldest.observed ? { from: oldest.t, period: 1, repeats: MESSAGES } : undefined
  }

  #loopOf(period: number, repeats: number): Loop {
    return { from: this.#actions[period * repeats - 1]?.t ?? 1, period, repeats }
  }

  #finding(rule: OpenHandsRule, { from, period, repeats }: Loop, step: StepDraft, t: number): StuckFinding {
    const names = this.#actions
      .slice(0, period)
      .map(({ name }) => name)
      .reverse()
    return {
      detection: { rule, from, to: t, period, repeats, says: stuckPhrase(rule, repeats, names) },
      threshold: repeats,
      label: actionLabel(step),
    }
  }
}

function keep<T>(queue: T[], item: T, most: number): void {
  queue.unshift(item)
  if (queue.length > most) queue.pop()
}

function allEqual(queue: readonly { readonly key: string }[], count: number): boolean {
  const [newest] = queue
  if (newest === undefined || queue.length < count) return false
  for (let at = 1; at < count; at++) if (queue[at]?.key !== newest.key) return false
  return true
}

/** Six, every other one equal. */
function alternate(queue: readonly { readonly key: string }[]): boolean {
  if (queue.length < LOOKED_BACK) return false
  for (let at = 2; at < LOOKED_BACK; at++) if (queue[at]?.key !== queue[at - 2]?.key) return false
  return true
}
