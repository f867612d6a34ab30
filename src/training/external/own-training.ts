import { basename } from 'node:path'
import { EventLine, RunEvent } from '../run-event.ts'
import { AppendedLines } from './appended-lines.ts'
import type { ExternalTraining, Standing } from './external-training.ts'
import type { Traces } from './traces.ts'

type End = Extract<RunEvent, { type: 'end' }>

/** A Run of our own trainer that was started by hand, perhaps on another machine: its events.jsonl says everything. */
export class OwnTraining implements ExternalTraining {
  readonly #path: string
  readonly #lines: AppendedLines
  #heard: RunEvent[] = []
  /** Said last: nothing came after it yet. */
  #end: End | undefined
  #step = 0
  #totalSteps = 0
  #isBroken = false

  constructor(path: string) {
    this.#path = path
    this.#lines = new AppendedLines(path)
  }

  async look(_traces: Traces): Promise<boolean> {
    let isNew = false
    const restart = () => {
      this.#heard = []
      this.#end = undefined
    }
    for await (const { number, text } of this.#lines.read(restart)) {
      isNew = true
      this.#hear(number, text)
    }
    return isNew
  }

  *events(_withLast: boolean): Generator<RunEvent, void> {
    const heard = this.#heard
    this.#heard = []
    yield* heard
  }

  standing(): Standing {
    return { done: this.#end === undefined ? 'no' : 'sure', step: this.#step, totalSteps: this.#totalSteps }
  }

  end(status: 'completed' | 'stopped', message?: string): End {
    return this.#end ?? { type: 'end', status, best: [], seconds: 0, ...(message !== undefined && { message }) }
  }

  #hear(number: number, text: string): void {
    const event = eventOf(text)
    if (event === 'unknown') return
    // Its trainer went on after it.
    if (this.#end !== undefined) this.#heard.push(this.#end)
    this.#end = undefined
    if (event === undefined) return this.#passOver(number)
    if (event.type === 'end') this.#end = event
    else this.#heard.push(event)
    if (event.type === 'start') this.#totalSteps = event.totalSteps
    if (event.type === 'step') this.#step = event.step
  }

  #passOver(number: number): void {
    const message = `${basename(this.#path)}:${number} is no event; such lines are passed over`
    if (!this.#isBroken) this.#heard.push({ type: 'warning', message })
    this.#isBroken = true
  }
}

/** `undefined`: it is broken; `unknown`: a kind of event that a newer trainer says. */
function eventOf(text: string): RunEvent | 'unknown' | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const line = EventLine.safeParse(value)
    if (line.success) return RunEvent.parse(line.data)
    const type = (value as { type?: unknown } | null)?.type
    return typeof type === 'string' && !KNOWN_TYPES.has(type) ? 'unknown' : undefined
  } catch {
    return undefined
  }
}

const KNOWN_TYPES = new Set<string>(RunEvent.options.map((option) => option.shape.type.value))
