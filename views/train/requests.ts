import { quoteWord } from '../../commands/words.ts'
import { INFO_MS } from '../message.ts'
import type { RunRow } from '../run-model.ts'
import type { PaneEffect } from '../pane.ts'
import { isLive } from './standing.ts'

/** What a person asks of a Run: keys become the commands that could be typed. */
export class Requests {
  /** The Run whose stopping waits for a second press, and until when, milliseconds since the epoch. */
  #asked: { readonly id: string; readonly untilMs: number } | undefined

  /** Does what a key's words say about a Run; any other key forgets a stopping that was asked for. */
  run(words: string, row: RunRow | undefined, nowMs: number): PaneEffect | undefined {
    const asked = this.#asked
    this.#asked = undefined
    if (row === undefined) return undefined
    if (words === 'pause') return command(row.state === 'running' ? 'pause' : 'resume', row)
    if (words !== 'stop') return undefined
    if (asked?.id === row.id && nowMs <= asked.untilMs) return command('stop', row)
    this.#asked = { id: row.id, untilMs: nowMs + INFO_MS }
    return { type: 'message', text: `X again stops ${row.id}; its best weights and its ${row.step} steps stay.` }
  }
}

/** Why a request cannot be made of a Run now; `undefined`: it can, or the words are no request. */
export function requestProblem(words: string, row: RunRow): string | undefined {
  if (words === 'pause') return row.state === 'done' ? 'the run is done' : undefined
  if (words === 'stop') return isLive(row) ? undefined : 'the run has ended'
  return undefined
}

function command(verb: string, { id }: RunRow): PaneEffect {
  return { type: 'command', line: `train ${verb} ${quoteWord(id)}` }
}
