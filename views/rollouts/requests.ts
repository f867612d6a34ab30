import { quoteWord } from '../../commands/words.ts'
import type { RolloutDetail, RolloutRow } from '../model.ts'
import { INFO_MS } from '../message.ts'
import type { PaneEffect } from '../pane.ts'
import { hasEnded } from './standing.ts'

/** What a person asks of a rollout: keys become the commands that could be typed. */
export class Requests {
  /** The rollout whose cancelling waits for a second press, and until when, milliseconds since the epoch. */
  #asked: { readonly id: number; readonly untilMs: number } | undefined

  /** Does what a key's words say about a rollout; any other key forgets a cancelling that was asked for. */
  run(words: string, row: RolloutRow, detail: RolloutDetail, nowMs: number): PaneEffect | undefined {
    const asked = this.#asked
    this.#asked = undefined
    switch (words) {
      case 'pause':
        return command(row.state === 'paused' ? 'resume' : 'pause', row)
      case 'requeue':
        return command('requeue', row)
      case 'cancel':
        if (asked?.id === row.id && nowMs <= asked.untilMs) return command('cancel', row)
        this.#asked = { id: row.id, untilMs: nowMs + INFO_MS }
        return { type: 'message', text: `x again cancels ${nameOf(row)}; its ${row.step} steps stay.` }
      case 'nudge':
        return nudge(row)
      case 'shell':
        return shell(row, detail)
      default:
        return undefined
    }
  }

  /** Forgets a cancelling that was asked for. */
  forget(): void {
    this.#asked = undefined
  }
}

/** Why a request cannot be made of a rollout now; `undefined`: it can, or the words are no request. */
export function requestProblem(words: string, row: RolloutRow, detail: () => RolloutDetail): string | undefined {
  const { state } = row
  switch (words) {
    case 'pause':
      if (state === 'grading') return 'the rollout is being graded'
      return hasEnded(row) ? 'the rollout has ended' : undefined
    case 'cancel':
      return state === 'done' || state === 'cancelled' ? 'the rollout has ended' : undefined
    case 'requeue':
      return hasEnded(row) ? undefined : 'the rollout has not ended; x cancels it'
    case 'nudge':
      return state === 'running' || state === 'paused' ? undefined : 'the rollout is not running'
    case 'shell':
      return detail().attach === undefined ? 'the rollout has no sandbox now' : undefined
    default:
      return undefined
  }
}

/** A rollout in a sentence. */
export function nameOf({ task, run }: RolloutRow): string {
  return `${task} run ${run}`
}

function command(verb: string, { id }: RolloutRow): PaneEffect {
  return { type: 'command', line: `rollout ${verb} ${id}` }
}

function nudge(row: RolloutRow): PaneEffect {
  return {
    type: 'line',
    label: `message to ${nameOf(row).slice(0, 40)}: `,
    text: '',
    submit: (text) => {
      const said = text.trim()
      if (said === '') return undefined
      // A word that looks like a flag is one, quoted or not, unless flags have ended before it.
      const flagsEnd = said.startsWith('-') ? '-- ' : ''
      return { type: 'command', line: `rollout nudge ${row.id} ${flagsEnd}${quoteWord(said)}` }
    },
  }
}

function shell(row: RolloutRow, { attach }: RolloutDetail): PaneEffect | undefined {
  return attach === undefined ? undefined : { type: 'attach', argv: attach, what: `the sandbox of ${nameOf(row)}` }
}
