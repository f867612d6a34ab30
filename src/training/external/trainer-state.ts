import { readFile, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { contradicts } from './contradiction.ts'
import { isMetric } from './metric-names.ts'
import { parsePythonJson } from './python-json.ts'
import { isStep, type StepLog } from './step-log.ts'
import type { TrainingFacts } from './training-facts.ts'

const MAX_BYTES = 128 * 1024 * 1024
/** States written within this time of the newest one are of the same training, milliseconds; the furthest of them counts. */
const TOGETHER_MS = 60_000
/** Some file systems keep whole seconds. */
const CLOCK_MS = 2000

/** What the Hugging Face Trainer keeps with each checkpoint, as far as it is read. */
const State = z.object({
  global_step: z.number().default(0),
  max_steps: z.number().default(0),
  num_train_epochs: z.number().default(0),
  best_model_checkpoint: z.string().nullish(),
  log_history: z.array(z.record(z.string(), z.unknown())),
})

/** The newest `trainer_state.json`: everything that was logged until its checkpoint. */
export class TrainerState {
  readonly #log: StepLog
  readonly #facts: TrainingFacts
  /** Which file was read last, and as of when. */
  #read = ''
  #broken = ''
  /** Step and loss of each entry that was read. */
  #history: readonly HistoryEntry[] = []

  constructor(log: StepLog, facts: TrainingFacts) {
    this.#log = log
    this.#facts = facts
  }

  /**
   * Reads the newest of these files, if it is another one than before. @returns whether it is.
   * @param leads - nothing else tells of steps: where its history is another than before, steps are done again.
   */
  async read(paths: readonly string[], leads: boolean): Promise<boolean> {
    const newest = await newestOf(paths)
    if (newest === undefined || newest.is === this.#read) return false
    const { path, is, modifiedMs, size } = newest
    const state = size <= MAX_BYTES ? await stateOf(path) : undefined
    if (state === undefined) {
      // One that is being written is whole a moment later.
      if (this.#broken === is) this.#facts.warn(`${nameOf(path)} cannot be read as a trainer's state`)
      this.#broken = is
      return false
    }
    this.#read = is
    this.#hear(state, modifiedMs, leads)
    return true
  }

  #hear(state: z.infer<typeof State>, modifiedMs: number, leads: boolean): void {
    const facts = this.#facts
    const history = state.log_history.map((entry) => [stepOf(entry), entry['loss'] ?? entry['eval_loss']] as const)
    if (leads) this.#noticeRestart(history)
    this.#history = history
    const { attempt } = facts
    const end = attempt !== undefined && modifiedMs < attempt.atMs - CLOCK_MS ? attempt.step : Number.POSITIVE_INFINITY
    const isCurrent = state.global_step < end
    if (state.max_steps > 0 && isStep(state.max_steps) && isCurrent) facts.totalSteps = state.max_steps
    if (state.num_train_epochs > 0) facts.epochs = state.num_train_epochs
    if (state.best_model_checkpoint) facts.bestPath = state.best_model_checkpoint
    for (const entry of state.log_history) {
      const step = stepOf(entry)
      if (step >= 0 && step < end) this.#hearEntry(step, entry)
    }
    if (isCurrent && isStep(state.global_step)) facts.addTime(state.global_step, modifiedMs)
  }

  #hearEntry(step: number, entry: Readonly<Record<string, unknown>>): void {
    const { epoch, train_runtime: seconds } = entry
    if (typeof epoch === 'number') this.#facts.addEpoch(step, epoch)
    if (typeof seconds === 'number') this.#facts.endAt(step, seconds)
    const figures = new Map<string, number>()
    for (const [name, value] of Object.entries(entry))
      if (isMetric(name) && (typeof value === 'number' || value === null)) figures.set(name, value ?? Number.NaN)
    if (contradicts(this.#log, step, figures)) return
    for (const [name, value] of figures) this.#log.add(name, step, value)
  }

  #noticeRestart(history: readonly HistoryEntry[]): void {
    const at = this.#history.findIndex(
      ([step, loss], index) => history[index]?.[0] !== step || !Object.is(history[index][1], loss),
    )
    if (at < 0) return
    const step = Math.min(this.#history[at]?.[0] ?? 0, history[at]?.[0] ?? Number.POSITIVE_INFINITY)
    this.#log.cut(Math.max(0, step))
    this.#facts.cut(Math.max(0, step))
  }
}

type HistoryEntry = readonly [step: number, loss: unknown]

interface Newest {
  readonly path: string
  readonly modifiedMs: number
  readonly size: number
  /** Differs when the file is another. */
  readonly is: string
}

async function newestOf(paths: readonly string[]): Promise<Newest | undefined> {
  const files: Newest[] = []
  for (const path of paths) {
    const info = await stat(path).catch(() => undefined)
    if (!info) continue
    files.push({ path, modifiedMs: info.mtimeMs, size: info.size, is: `${path} ${info.mtimeMs} ${info.size}` })
  }
  const newestMs = Math.max(...files.map(({ modifiedMs }) => modifiedMs))
  return files
    .filter(({ modifiedMs }) => newestMs - modifiedMs <= TOGETHER_MS)
    .sort((a, b) => checkpointOf(b.path) - checkpointOf(a.path))[0]
}

/** The step in the name of a checkpoint's folder; the state of the training's own folder is written at its end. */
function checkpointOf(path: string): number {
  return Number(/^checkpoint-(\d{1,12})$/.exec(basename(dirname(path)))?.[1] ?? Number.MAX_SAFE_INTEGER)
}

function nameOf(path: string): string {
  return `${basename(dirname(path))}/${basename(path)}`
}

async function stateOf(path: string): Promise<z.infer<typeof State> | undefined> {
  try {
    return State.parse(parsePythonJson(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}

function stepOf({ step }: Readonly<Record<string, unknown>>): number {
  return isStep(step) ? step : -1
}
