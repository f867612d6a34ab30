import type { RunStage } from '../../domain/run.ts'
import type { RunEvent } from '../run-event.ts'
import { EventFiles } from './event-files.ts'
import type { ExternalTraining, Standing } from './external-training.ts'
import { comparesReplies } from './metric-names.ts'
import { modelName } from './model-name.ts'
import { type LoggedStep, StepLog } from './step-log.ts'
import { sourcesText, type Traces } from './traces.ts'
import { TrainerLog } from './trainer-log.ts'
import { TrainerState } from './trainer-state.ts'
import { TrainingFacts } from './training-facts.ts'

const UNKNOWN_MODEL = 'unknown'

/**
 * A training of another program, from its logs. What leads is the first of TensorBoard files, trainer_log.jsonl and trainer_state.json
 * that is there: of a figure that several have, its value counts. The others add what it lacks.
 */
export class LoggedTraining implements ExternalTraining {
  readonly #folder: string
  readonly #log = new StepLog()
  readonly #facts = new TrainingFacts()
  readonly #eventFiles = new EventFiles(this.#log, this.#facts)
  readonly #states = new TrainerState(this.#log, this.#facts)
  #trainerLog: TrainerLog | undefined
  #sources: readonly string[] = []
  #model: string | undefined
  #stage: RunStage | undefined
  #toldSteps = 0
  #toldModel: string | undefined
  #told: number | undefined
  #best = Number.POSITIVE_INFINITY
  readonly #warned = new Set<string>()

  constructor(folder: string) {
    this.#folder = folder
  }

  async look(traces: Traces): Promise<boolean> {
    const [logPath] = traces.trainerLogs
    if (logPath !== undefined) this.#trainerLog ??= new TrainerLog(logPath, this.#log, this.#facts)
    const hasEvents = await this.#eventFiles.read(traces.eventFiles)
    const leads = !this.#eventFiles.said
    const hasLines = (await this.#trainerLog?.read(leads)) === true
    const hasState = await this.#states.read(traces.trainerStates, leads && this.#trainerLog === undefined)
    this.#sources = sourcesText(traces)
    this.#model ??= await modelName(this.#folder)
    return hasEvents || hasLines || hasState
  }

  *events(withLast: boolean): Generator<RunEvent, void> {
    if (this.#log.isFull) this.#facts.warn('there are more than 500 metrics; the others are left out')
    const back = this.#log.takeBack()
    if (back !== undefined) yield this.#goBack(back)
    for (let logged = this.#log.next(withLast); logged !== undefined; logged = this.#log.next(withLast)) {
      yield* this.#begin()
      this.#told = logged.step
      yield logged.kind === 'step' ? this.#step(logged) : this.#evaluation(logged)
    }
    yield* this.#newFacts()
    for (const message of this.#facts.warnings) {
      if (this.#warned.has(message)) continue
      this.#warned.add(message)
      yield { type: 'warning', message }
    }
  }

  standing(): Standing {
    const { doneAt } = this.#facts
    const step = Math.max(0, this.#log.lastStep)
    const totalSteps = this.#facts.totalSteps ?? 0
    const isSure = doneAt !== undefined && doneAt >= step
    return { done: isSure ? 'sure' : totalSteps > 0 && step >= totalSteps ? 'likely' : 'no', step, totalSteps }
  }

  end(status: 'completed' | 'stopped', message?: string): Extract<RunEvent, { type: 'end' }> {
    const { seconds, bestPath: path = '' } = this.#facts
    const best = this.#log.lowest('eval_loss', Number.POSITIVE_INFINITY)
    const stage = this.#stage
    return {
      type: 'end',
      status,
      best: best && stage ? [{ stage, step: best.step, loss: best.value, path }] : [],
      seconds: seconds ?? this.#facts.span(this.#log.lastStep),
      ...(message !== undefined && { message }),
    }
  }

  /** The stage begins with the first figures: their names say which one it is. */
  *#begin(): Generator<RunEvent, void> {
    if (this.#stage !== undefined) return
    this.#stage = comparesReplies(this.#log.names) ? 'dpo' : 'sft'
    this.#toldSteps = this.#totalSteps()
    yield this.#start(this.#stage)
  }

  /** Says everything from `step` on again. */
  #goBack(step: number): RunEvent {
    this.#told = step - 1
    this.#best = this.#log.lowest('eval_loss', step)?.value ?? Number.POSITIVE_INFINITY
    this.#toldSteps = this.#totalSteps()
    const start = this.#start(this.#stage ?? 'sft')
    return step > 0 ? { ...start, resume: { step: step - 1 } } : start
  }

  /** How many steps there are, and which model it is, may be known only later. */
  *#newFacts(): Generator<RunEvent, void> {
    const total = this.#totalSteps()
    if (this.#stage === undefined || this.#told === undefined) return
    if (total === this.#toldSteps && this.#model === this.#toldModel) return
    this.#toldSteps = total
    yield { ...this.#start(this.#stage), resume: { step: this.#told } }
  }

  #start(stage: RunStage): Extract<RunEvent, { type: 'start' }> {
    const { config, epochs = 0, dtype } = this.#facts
    this.#toldModel = this.#model
    return {
      type: 'start',
      ...this.#when(0),
      stage,
      config: { read_from: this.#sources.join(', '), ...config },
      // 0: a trainer's logs do not say how many parameters and examples there are.
      model: { id: this.#model ?? UNKNOWN_MODEL, params: 0, ...(dtype !== undefined && { dtype }) },
      data: { examples: 0, validation: 0, trajectories: 0, pairs: 0, dropped: [] },
      totalSteps: this.#toldSteps,
      epochs,
    }
  }

  #step({ step, metrics }: LoggedStep): RunEvent {
    const isNewest = step === this.#log.lastStep
    return {
      type: 'step',
      ...this.#when(step),
      stage: this.#stage ?? 'sft',
      step,
      epoch: this.#facts.epochOf(step),
      metrics,
      batch: [],
      etaSeconds: isNewest && this.#toldSteps > 0 ? this.#facts.etaSeconds(step, this.#toldSteps) : null,
    }
  }

  #evaluation({ step, metrics }: LoggedStep): RunEvent {
    const loss = metrics['eval_loss'] ?? Number.POSITIVE_INFINITY
    const best = loss < this.#best
    if (best) this.#best = loss
    return { type: 'eval', ...this.#when(step), stage: this.#stage ?? 'sft', step, metrics, best }
  }

  #when(step: number): { readonly t?: number } {
    const t = this.#facts.secondsAt(step)
    return t === undefined ? {} : { t }
  }

  /** As the trainer says it, else as its epochs let expect; 0: nobody knows. What was expected once is not said anew with each step. */
  #totalSteps(): number {
    const last = Math.max(0, this.#log.lastStep)
    const known = this.#facts.totalSteps
    if (known !== undefined) return known
    return this.#toldSteps >= last && this.#toldSteps > 0 ? this.#toldSteps : (this.#facts.expectedSteps(last) ?? 0)
  }
}
