import type { WorkbenchModel } from '../model.ts'
import type { StepFigures } from '../run-model.ts'
import type { Pane, PaneEffect, Size } from '../pane.ts'
import { chartGlyphs } from '../paint/chart.ts'
import type { Row } from '../paint/row.ts'
import type { Selection } from '../ports.ts'
import { createStore, type Store } from '../store.ts'
import { availability } from './availability.ts'
import { batchEffect } from './batch.ts'
import { type TrainContext, TrainContexts } from './context.ts'
import { TRAIN_BINDINGS } from './keys.ts'
import { TrainMoves } from './moves.ts'
import { Requests } from './requests.ts'
import { trainPaneRows } from './rows.ts'
import { stepText } from './run-table.ts'
import { TRAIN_START, type TrainMessage, type TrainState, updateTrain } from './state.ts'
import { stepAt } from './step-cursor.ts'
import { copyEffect, editEffect } from './takeaway.ts'
import { entryOf, reopenEffect } from './wrong-pairs.ts'

const SECOND = 1_000

type View = TrainState['view']

/** The train pane (tab 4): the Runs, the curves of one of them, its steps, and what each step learnt from. */
export class TrainPane implements Pane {
  readonly id = 'train'
  readonly tab = '4'
  readonly title = 'Train'
  readonly bindings = TRAIN_BINDINGS
  readonly #model: WorkbenchModel
  readonly #store: Store<TrainState, TrainMessage> = createStore(TRAIN_START, updateTrain)
  readonly #requests = new Requests()
  readonly #contexts: TrainContexts
  readonly #moves: TrainMoves
  #size: Size = { width: 80, height: 22 }

  constructor(model: WorkbenchModel, env: Readonly<Record<string, string | undefined>>) {
    this.#model = model
    this.#contexts = new TrainContexts(model, this.#store, chartGlyphs(env))
    this.#moves = new TrainMoves(this.#store)
  }

  rows(size: Size): readonly Row[] {
    this.#size = size
    return trainPaneRows(this.#context(), size)
  }

  run(words: string, size: Size): PaneEffect | undefined {
    this.#size = size
    // Keys may come faster than frames: what they mean must not wait for one.
    const context = this.#context()
    if (context.row === undefined) return undefined
    const request = this.#requests.run(words, context.row, this.#model.now())
    if (request !== undefined) return request
    const own = this.#actions[words]
    if (own !== undefined) return own(context) ?? undefined
    this.#moves.move(words, context)
    return undefined
  }

  disabledReason(words: string): string | undefined {
    if (!OWN_WORDS.has(words)) return undefined
    const context = this.#context()
    const { state, row, list, figures, depths } = context
    return availability(words, {
      row,
      runs: list.length,
      view: state.view,
      steps: figures.steps.length,
      pages: this.#moves.pages(context),
      spikes: figures.spikes.length,
      depths: depths.length,
      gpus: figures.gpuNames.length,
      wrong: figures.wrongPairs().length,
      hasLog: this.#model.runLog !== undefined,
    })
  }

  get filter(): Pane['filter'] {
    if (this.#state.view !== 'charts' || this.#contexts.runs().length === 0) return undefined
    return { get: () => this.#state.filter, set: (text) => this.#store.send({ type: 'filter', text }) }
  }

  selection(): Selection {
    const { row, state, wrong } = this.#context()
    const pair = state.view === 'wrong' ? wrong[state.wrong.cursor]?.id : undefined
    return { ...(row && { run: row.id }), ...(pair !== undefined && { pair }) }
  }

  /** Goes to a Run. */
  reveal({ run }: Selection): void {
    if (run === undefined) return
    this.#store.send({ type: 'run', run })
    this.#store.send({ type: 'view', view: 'charts' })
  }

  wakeAfter(): number | undefined {
    if (!this.#contexts.runs().some(({ state }) => state === 'running')) return undefined
    return SECOND - (this.#model.now() % SECOND)
  }

  attention(): string | undefined {
    const runs = this.#contexts.runs()
    const lost = runs.find(({ state }) => state === 'lost')
    const live = runs.find(({ state }) => state === 'running') ?? runs.find(({ state }) => state === 'paused')
    const facts = [
      live === undefined
        ? ''
        : `training${live.state === 'paused' ? ' paused' : ''} ${live.stage ?? ''} ${stepText(live)}`.replace(
            '  ',
            ' ',
          ),
      lost === undefined ? '' : `run ${lost.id} lost`,
    ].filter((fact) => fact !== '')
    return facts.length === 0 ? undefined : facts.join(' · ')
  }

  get #state(): TrainState {
    return this.#store.get()
  }

  #context(): TrainContext {
    return this.#contexts.context(this.#size)
  }

  readonly #actions: Readonly<Record<string, ((context: TrainContext) => PaneEffect | void) | undefined>> = {
    open: (context) => this.#open(context),
    steps: () => this.#turn('steps'),
    runs: () => this.#turn('runs'),
    gpus: () => this.#turn('gpus'),
    depth: () => this.#turn('depth'),
    wrong: () => this.#turn('wrong'),
    'job log': () => this.#turn('log'),
    spike: (context) => this.#moves.toSpike(context),
    reopen: (context) => this.#reopen(context),
    'read back': (context) => this.#moves.readColumn(context, -1),
    'read on': (context) => this.#moves.readColumn(context, 1),
    'step back': (context) => this.#moves.read(context, -1),
    'step on': (context) => this.#moves.read(context, 1),
    'step first': ({ figures }) => this.#moves.to(stepAt(figures.steps, 0)),
    'step last': () => this.#moves.to(undefined),
    'page next': (context) => this.#moves.turnPage(context, 1),
    'page previous': (context) => this.#moves.turnPage(context, -1),
    smooth: () => this.#store.send({ type: 'smooth' }),
    log: () => this.#store.send({ type: 'log' }),
    axis: () => this.#store.send({ type: 'axis' }),
    overlay: () => this.#store.send({ type: this.#state.view === 'steps' ? 'turn-steps' : 'overlay' }),
    mark: (context) => this.#mark(context),
    'mark all': (context) => this.#markAll(context),
    'run next': (context) => this.#moves.toRun(context, 1),
    'run previous': (context) => this.#moves.toRun(context, -1),
    'zoom in': () => this.#store.send({ type: 'large', large: true }),
    'zoom out': () => this.#store.send({ type: 'large', large: false }),
    copy: copyEffect,
    edit: (context) => editEffect(context),
    back: () => this.#back(),
  }

  #turn(view: View): void {
    this.#store.send({ type: 'view', view: this.#state.view === view ? 'charts' : view })
  }

  #mark({ state, row, wrong }: TrainContext): PaneEffect | undefined {
    if (state.view === 'wrong') {
      const entry = wrong[state.wrong.cursor]
      if (entry !== undefined) this.#store.send({ type: 'mark-pair', pair: entry.id })
      return undefined
    }
    if (row === undefined) return undefined
    const { id } = row
    const isMarked = state.marked.has(id)
    this.#store.send({ type: 'mark', run: id })
    return {
      type: 'message',
      text: isMarked ? `${id} is no longer marked.` : `${id} is marked; o lays marked runs over the others.`,
    }
  }

  #markAll({ state, wrong }: TrainContext): void {
    const all = wrong.map(({ id }) => id)
    const isAll = all.every((id) => state.markedPairs.has(id))
    this.#store.send({ type: 'mark-pairs', pairs: new Set(isAll ? [] : all) })
  }

  #reopen({ state, row, wrong, entries }: TrainContext): PaneEffect | undefined {
    if (row === undefined) return undefined
    const done = (): void => this.#store.send({ type: 'mark-pairs', pairs: new Set() })
    if (state.view === 'batch') {
      const entry = entries[state.batch.cursor]
      if (entry === undefined) return undefined
      if (entry.type === 'trajectory') return { type: 'message', text: 'Pairs are reviewed, trajectories are not.' }
      return reopenEffect(entry.view === undefined ? [] : [entry.id], row, done)
    }
    const marked = wrong.filter(({ id }) => state.markedPairs.has(id))
    const chosen = marked.length > 0 ? marked : wrong.slice(state.wrong.cursor, state.wrong.cursor + 1)
    const known = chosen.filter(({ view }) => view !== undefined)
    return reopenEffect(
      known.map(({ id }) => id),
      row,
      done,
    )
  }

  #open({ state, step, entries, wrong }: TrainContext): PaneEffect | undefined {
    switch (state.view) {
      case 'charts':
      case 'gpus':
        return this.#store.send({ type: 'large', large: !state.large }) ?? undefined
      case 'runs':
      case 'log':
        return this.#store.send({ type: 'view', view: 'charts' }) ?? undefined
      case 'depth':
        return this.#store.send({ type: 'view', view: 'steps' }) ?? undefined
      case 'steps':
        return this.#openBatch(step)
      case 'batch':
      case 'wrong': {
        const pair = wrong[state.wrong.cursor]
        const entry = state.view === 'batch' ? entries[state.batch.cursor] : pair && entryOf(pair)
        return entry === undefined ? undefined : batchEffect(entry)
      }
    }
  }

  #openBatch(step: StepFigures | undefined): PaneEffect | undefined {
    if (step === undefined) return undefined
    if (step.batch.length === 0)
      return {
        type: 'message',
        text: step.kind === 'eval' ? 'An evaluation learns from nothing.' : 'This step names no batch.',
      }
    // While more steps come, the batch stays the one that was opened.
    this.#moves.to({ x: step.x, kind: step.kind })
    this.#store.send({ type: 'view', view: 'batch' })
    return undefined
  }

  /** Esc: the innermost thing that is open, one per key. */
  #back(): void {
    const { view, large, filter, at, markedPairs } = this.#state
    const isChart = view === 'charts' || view === 'gpus'
    if (view === 'batch') this.#store.send({ type: 'view', view: 'steps' })
    else if (view === 'wrong' && markedPairs.size > 0) this.#store.send({ type: 'mark-pairs', pairs: new Set() })
    else if (isChart && large) this.#store.send({ type: 'large', large: false })
    else if (view !== 'charts') this.#store.send({ type: 'view', view: 'charts' })
    else if (filter !== '') this.#store.send({ type: 'filter', text: '' })
    else if (at !== undefined) this.#moves.to(undefined)
  }
}

const OWN_WORDS = new Set([...TRAIN_BINDINGS.map((row) => row.run), 'copy', 'edit'])
