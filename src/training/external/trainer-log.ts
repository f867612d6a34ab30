import { basename } from 'node:path'
import { isObject } from '../../domain/json.ts'
import { AppendedLines } from './appended-lines.ts'
import { contradicts } from './contradiction.ts'
import { isMetric } from './metric-names.ts'
import { parsePythonJson } from './python-json.ts'
import { isStep, type StepLog } from './step-log.ts'
import type { TrainingFacts } from './training-facts.ts'

/** Names LLaMA-Factory has for what others call otherwise (its log callback: src/llamafactory/train/callbacks.py). */
const NAMES: Readonly<Record<string, string | undefined>> = {
  lr: 'learning_rate',
  accuracy: 'rewards/accuracies',
  throughput: 'tokens_per_second',
  total_tokens: 'num_input_tokens_seen',
  vram_allocated: 'memory_peak_gib',
}
/** What a line says about the training and not about its step. */
const NO_FIGURES = new Set(['current_steps', 'total_steps', 'percentage', 'elapsed_time', 'remaining_time', 'epoch'])
const OF_EVALUATION = new Set(['eval_loss'])

/** LLaMA-Factory's `trainer_log.jsonl`: a line for each time it logs, `{current_steps, total_steps, loss, lr, epoch, percentage, …}`. */
export class TrainerLog {
  readonly #lines: AppendedLines
  readonly #path: string
  readonly #log: StepLog
  readonly #facts: TrainingFacts
  #last = -1
  #isBroken = false

  constructor(path: string, log: StepLog, facts: TrainingFacts) {
    this.#path = path
    this.#lines = new AppendedLines(path)
    this.#log = log
    this.#facts = facts
  }

  /**
   * Reads the lines that are new. @returns whether any is.
   * @param leads - nothing else tells of steps as they are done: where these go back, they are done again.
   */
  async read(leads: boolean): Promise<boolean> {
    let isNew = false
    const restart = () => {
      this.#last = -1
      if (leads) this.#cut(0)
    }
    for await (const { number, text } of this.#lines.read(restart)) {
      isNew = true
      const line = lineOf(text)
      if (line !== undefined) this.#hear(line, leads)
      else if (!this.#isBroken) {
        this.#isBroken = true
        this.#facts.warn(`${basename(this.#path)}:${number} is no line of a trainer's log; such lines are passed over`)
      }
    }
    return isNew
  }

  #hear(line: LogLine, leads: boolean): void {
    const { step, totalSteps, isSummary, epoch, remainingSeconds, isDone, figures } = line
    if (step < this.#last && leads) this.#cut(step)
    this.#last = step
    if (totalSteps > 0) this.#facts.totalSteps = totalSteps
    if (isDone && isSummary) this.#facts.endAt(step)
    if (isSummary) return
    if (epoch !== undefined) this.#facts.addEpoch(step, epoch)
    if (remainingSeconds !== undefined) this.#facts.remaining = { step, seconds: remainingSeconds }
    const isEvaluation = figures.has('eval_loss')
    if (contradicts(this.#log, step, figures)) return
    for (const [name, value] of figures)
      if (isEvaluation === OF_EVALUATION.has(name) && isMetric(name)) this.#log.add(name, step, value)
  }

  #cut(step: number): void {
    this.#log.cut(step)
    this.#facts.cut(step)
    this.#facts.attempt = { step, atMs: 0 }
  }
}

interface LogLine {
  readonly step: number
  readonly totalSteps: number
  readonly epoch: number | undefined
  readonly remainingSeconds: number | undefined
  readonly isDone: boolean
  /** The line after the last step: it has no loss. */
  readonly isSummary: boolean
  readonly figures: ReadonlyMap<string, number>
}

function lineOf(text: string): LogLine | undefined {
  const said = objectOf(text)
  const step = said?.['current_steps']
  if (said === undefined || !isStep(step)) return undefined
  const figures = new Map<string, number>()
  for (const [name, value] of Object.entries(said)) {
    if (NO_FIGURES.has(name)) continue
    if (typeof value === 'number' || value === null) figures.set(NAMES[name] ?? name, value ?? Number.NaN)
  }
  const { total_steps: total, percentage, epoch, remaining_time: remaining } = said
  return {
    step,
    totalSteps: isStep(total) ? total : 0,
    epoch: typeof epoch === 'number' ? epoch : undefined,
    remainingSeconds: typeof remaining === 'string' ? secondsOf(remaining) : undefined,
    isDone: typeof percentage === 'number' && percentage >= 100,
    isSummary: !['loss', 'eval_loss', 'predict_loss'].some((name) => figures.has(name)),
    figures,
  }
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value = parsePythonJson(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** `1:02:03` and `2 days, 1:02:03`, as Python writes a time that something takes. */
function secondsOf(text: string): number | undefined {
  const [, days = '0', hours, minutes, seconds] = /^(?:(\d{1,6}) days?, )?(\d{1,2}):(\d\d):(\d\d)$/.exec(text) ?? []
  if (hours === undefined) return undefined
  return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}
