import type { MetricSeries, RunAxis } from './run-model.ts'

/** Values a column holds before it grows; then it doubles. */
const FIRST_CAPACITY = 256

/** Where a value lies on each axis. */
export type Place = Readonly<Record<RunAxis, number>>

/** Figures by name, in the order they first appeared. */
export class Columns {
  readonly #columns = new Map<string, Column>()

  push(name: string, at: Place, value: number): void {
    let column = this.#columns.get(name)
    if (!column) {
      column = new Column()
      this.#columns.set(name, column)
    }
    column.push(at, value)
  }

  /** Keeps the names and forgets the values. */
  clear(): void {
    for (const column of this.#columns.values()) column.clear()
  }

  /** What is there now: more values change nothing in it. */
  snapshot(): {
    readonly names: readonly string[]
    readonly series: (name: string, axis?: RunAxis) => MetricSeries | undefined
  } {
    const all = new Map(Array.from(this.#columns, ([name, column]) => [name, column.snapshot()]))
    return {
      names: [...all.keys()],
      series: (name, axis = 'step') => {
        const kept = all.get(name)
        return kept && { name, x: kept.x[axis], y: kept.y, length: kept.length }
      },
    }
  }
}

/** One figure. What was handed out stays as it was, unless the Run went back. */
class Column {
  #x = { step: empty(), epoch: empty(), time: empty() }
  #y = empty()
  #length = 0

  push(at: Place, value: number): void {
    if (this.#length === this.#y.length) {
      const { step, epoch, time } = this.#x
      this.#x = { step: doubled(step), epoch: doubled(epoch), time: doubled(time) }
      this.#y = doubled(this.#y)
    }
    this.#x.step[this.#length] = at.step
    this.#x.epoch[this.#length] = at.epoch
    this.#x.time[this.#length] = at.time
    this.#y[this.#length] = value
    this.#length++
  }

  clear(): void {
    this.#length = 0
  }

  snapshot(): {
    readonly x: Readonly<Record<RunAxis, Float64Array>>
    readonly y: Float64Array
    readonly length: number
  } {
    return { x: this.#x, y: this.#y, length: this.#length }
  }
}

function empty(): Float64Array<ArrayBuffer> {
  return new Float64Array(FIRST_CAPACITY)
}

function doubled(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2)
  larger.set(values)
  return larger
}
