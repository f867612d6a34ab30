import { basename } from 'node:path'
import { eventMessage, type EventMessage } from './event-message.ts'
import { EventRecords } from './event-records.ts'
import { GrownFile } from './grown-file.ts'
import { isMetric, nameOfTag } from './metric-names.ts'
import { isStep, type StepLog } from './step-log.ts'
import { hearText } from './trainer-arguments.ts'
import type { TrainingFacts } from './training-facts.ts'

/** The TensorBoard event files of a training: one for each time it was begun. A later one that goes back in steps does them again. */
export class EventFiles {
  readonly #log: StepLog
  readonly #facts: TrainingFacts
  readonly #files = new Map<string, EventFile>()

  constructor(log: StepLog, facts: TrainingFacts) {
    this.#log = log
    this.#facts = facts
  }

  /** Whether any figure was there. */
  get said(): boolean {
    return [...this.#files.values()].some((file) => file.steps.size > 0)
  }

  /** Reads what is new in these files, and in those that were there before. @returns whether anything is. */
  async read(paths: readonly string[]): Promise<boolean> {
    for (const path of [...paths].sort(byBeginning))
      if (!this.#files.has(path)) this.#files.set(path, new EventFile(path))
    let isNew = false
    for (const file of this.#files.values()) if (await this.#readFile(file)) isNew = true
    return isNew
  }

  async #readFile(file: EventFile): Promise<boolean> {
    let isNew = false
    for await (const piece of file.bytes.read(() => file.forget())) {
      isNew = true
      for (const record of file.records.push(piece)) this.#hear(file, eventMessage(record))
    }
    if (file.records.problem !== undefined)
      this.#facts.warn(`${basename(file.path)}: ${file.records.problem}; what follows it is not read`)
    return isNew
  }

  #hear(file: EventFile, { wallTime, step, restarts, scalars, texts }: EventMessage): void {
    for (const { tag, text } of texts) hearText(tag, text, this.#facts)
    if (!isStep(step)) return
    // At step 0 it says nothing: every writer of some programs begins so.
    if (restarts && step > 0) this.#restart(step, wallTime * 1000)
    for (const { tag, value } of scalars) {
      const name = nameOfTag(tag)
      if (name === 'epoch') this.#facts.addEpoch(step, value)
      if (name === 'train_runtime') this.#facts.endAt(step, value)
      if (!isMetric(name)) continue
      if (!name.startsWith('eval_')) {
        this.#noticeRestart(file, name, step, wallTime * 1000)
        this.#facts.addTime(step, wallTime * 1000)
      }
      this.#log.add(name, step, value)
    }
  }

  /** Evaluations do not count: a process of its own may log one at step 0 when all is done. */
  #noticeRestart(file: EventFile, name: string, step: number, atMs: number): void {
    const before = file.steps.get(name)
    const isFirst = before === undefined && file.steps.size === 0
    file.steps.set(name, step)
    const wentBack = before !== undefined && step < before
    if (!wentBack && !(isFirst && step <= this.#log.lastStep && (file.isReplaced || this.#isKnown(file, name)))) return
    this.#restart(step, atMs)
  }

  #restart(step: number, atMs: number): void {
    this.#log.cut(step)
    this.#facts.cut(step)
    this.#facts.attempt = { step, atMs }
  }

  #isKnown(file: EventFile, name: string): boolean {
    return [...this.#files.values()].some((other) => other !== file && other.steps.has(name))
  }
}

/** One event file: what was read of it, and how far each of its metrics is. */
class EventFile {
  readonly path: string
  readonly bytes: GrownFile
  records = new EventRecords()
  readonly steps = new Map<string, number>()
  isReplaced = false

  constructor(path: string) {
    this.path = path
    this.bytes = new GrownFile(path)
  }

  /** It was replaced by another. */
  forget(): void {
    this.records = new EventRecords()
    this.steps.clear()
    this.isReplaced = true
  }
}

/** Their names have the second they were begun in. */
function byBeginning(a: string, b: string): number {
  return secondOf(a) - secondOf(b) || (a < b ? -1 : 1)
}

function secondOf(path: string): number {
  return Number(/tfevents\.(\d{1,15})/.exec(basename(path))?.[1] ?? 0)
}
