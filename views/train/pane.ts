import type { RunFigures, RunRow, StepFigures, WorkbenchModel } from '../model.ts'
import type { Pane, PaneEffect, Size } from '../pane.ts'
import { type ChartGlyphs, chartGlyphs } from '../paint/chart.ts'
import { clamp, jumpStep, placeCursor } from '../paint/list-window.ts'
import type { Row } from '../paint/row.ts'
import type { Selection } from '../ports.ts'
import { wholeSeconds } from '../rollouts/figures.ts'
import { createStore, type Store } from '../store.ts'
import { availability } from './availability.ts'
import { batchEffect, type BatchEntry, batchEntries } from './batch.ts'
import { BATCH_HEAD } from './batch-rows.ts'
import { type ChartGrid, chartGrid, pageOf } from './chart-grid.ts'
import { type DrawnRun, xRange } from './chart-rows.ts'
import { batchText, readOutText, runsText, runText, stepsText } from './export-texts.ts'
import { findingsOf } from './findings.ts'
import { TRAIN_BINDINGS } from './keys.ts'
import { chartMatcher, type MetricChart, metricCharts } from './metric-charts.ts'
import { Requests } from './requests.ts'
import { stepText } from './run-table.ts'
import { type TrainContext, type TrainLayout, trainLayout, trainPaneRows } from './rows.ts'
import { type StepAt, TRAIN_START, type TrainMessage, type TrainState, updateTrain } from './state.ts'
import { stepAt, stepIndex, steppedBy } from './step-cursor.ts'
import { stepOfLine } from './step-table.ts'

const SECOND = 1_000
/** Runs laid over another at once; more cannot be told apart. */
const MAX_OVERLAID = 5
/** Cells of a chart that hold no curve. */
const CHART_SIDE = 8

/** The train pane (tab 4): the Runs, the curves of one of them, its steps, and what each step learnt from. */
export class TrainPane implements Pane {
  readonly id = 'train'
  readonly tab = '4'
  readonly title = 'Train'
  readonly bindings = TRAIN_BINDINGS
  readonly #model: WorkbenchModel
  readonly #store: Store<TrainState, TrainMessage> = createStore(TRAIN_START, updateTrain)
  readonly #requests = new Requests()
  readonly #glyphs: ChartGlyphs
  #size: Size = { width: 80, height: 22 }
  #charts: { readonly of: readonly string[]; readonly charts: readonly MetricChart[] } = { of: [], charts: [] }

  constructor(model: WorkbenchModel, env: Readonly<Record<string, string | undefined>>) {
    this.#model = model
    this.#glyphs = chartGlyphs(env)
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
    this.#move(words, context)
    return undefined
  }

  disabledReason(words: string): string | undefined {
    if (!OWN_WORDS.has(words)) return undefined
    const context = this.#context()
    const { row, runs, parts, figures } = context
    return availability(words, {
      row,
      runs: runs.state === 'ready' ? runs.value.length : 0,
      view: this.#state.view,
      steps: figures.steps.length,
      pages: pageOf(parts.chosen, parts.charts.length, this.#grid(context)).pages,
    })
  }

  get filter(): Pane['filter'] {
    if (this.#state.view !== 'charts' || this.#runs().length === 0) return undefined
    return { get: () => this.#state.filter, set: (text) => this.#store.send({ type: 'filter', text }) }
  }

  selection(): Selection {
    const { row } = this.#context()
    return row === undefined ? {} : { run: row.id }
  }

  /** Goes to a Run. */
  reveal({ run }: Selection): void {
    if (run === undefined) return
    this.#store.send({ type: 'run', run })
    this.#store.send({ type: 'view', view: 'charts' })
  }

  wakeAfter(): number | undefined {
    if (!this.#runs().some(({ state }) => state === 'running')) return undefined
    return SECOND - (this.#model.now() % SECOND)
  }

  attention(): string | undefined {
    const runs = this.#runs()
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

  readonly #actions: Readonly<Record<string, ((context: TrainContext) => PaneEffect | void) | undefined>> = {
    open: (context) => this.#open(context),
    steps: () => this.#turn('steps'),
    runs: () => this.#turn('runs'),
    'read back': (context) => this.#read(context, -this.#stepsPerColumn(context)),
    'read on': (context) => this.#read(context, this.#stepsPerColumn(context)),
    'step back': (context) => this.#read(context, -1),
    'step on': (context) => this.#read(context, 1),
    'step first': ({ figures }) => this.#to(stepAt(figures.steps, 0)),
    'step last': () => this.#to(undefined),
    'page next': (context) => this.#turnPage(context, 1),
    'page previous': (context) => this.#turnPage(context, -1),
    smooth: () => this.#store.send({ type: 'smooth' }),
    log: () => this.#store.send({ type: 'log' }),
    overlay: () => this.#store.send({ type: this.#state.view === 'steps' ? 'turn-steps' : 'overlay' }),
    mark: ({ row }) => row && this.#mark(row),
    'run next': () => this.#toRun(1),
    'run previous': () => this.#toRun(-1),
    'zoom in': () => this.#store.send({ type: 'large', large: true }),
    'zoom out': () => this.#store.send({ type: 'large', large: false }),
    copy: (context) => this.#copy(context),
    edit: (context) => this.#edit(context),
    back: () => this.#back(),
  }

  #runs(): readonly RunRow[] {
    const runs = this.#model.runs()
    return runs.state === 'ready' ? runs.value : []
  }

  /** What is drawn; on the way, cursors follow what the model now holds. */
  #context(): TrainContext {
    const runs = this.#model.runs()
    const list = this.#runs()
    const chosen = this.#chosenRun(list)
    const row = list[chosen]
    const figures = row === undefined ? NO_FIGURES : this.#model.runFigures(row.id)
    const all = this.#chartsOf(figures)
    const state = this.#state
    const charts = state.filter === '' ? all : all.filter(chartMatcher(state.filter).matches)
    const layout = trainLayout(state, list.length, this.#size)
    this.#placeRuns(chosen, list.length, layout)
    this.#placeStep(figures.steps, layout)
    const step = figures.steps[stepIndex(figures.steps, state.at)]
    const entries = state.view === 'batch' && step !== undefined ? batchEntries(step, this.#model) : []
    this.#placeBatch(entries, layout)
    return {
      state: this.#state,
      runs,
      row,
      figures,
      findings: findingsOf(figures),
      parts: {
        run: drawnRun(row, figures),
        overlaid: this.#overlaid(list, row),
        charts,
        chosen: Math.max(
          0,
          charts.findIndex(({ key }) => key === state.chart),
        ),
        cursor: state.at?.x,
        state,
        glyphs: this.#glyphs,
      },
      allCharts: all.length,
      step,
      entries,
      model: this.#model,
      nowMs: wholeSeconds(this.#model.now()),
    }
  }

  #chosenRun(list: readonly RunRow[]): number {
    return Math.max(
      0,
      list.findIndex(({ id }) => id === this.#state.run),
    )
  }

  #chartsOf({ names }: RunFigures): readonly MetricChart[] {
    if (this.#charts.of !== names) this.#charts = { of: names, charts: metricCharts(names) }
    return this.#charts.charts
  }

  #overlaid(list: readonly RunRow[], row: RunRow | undefined): DrawnRun[] {
    const { overlay, marked } = this.#state
    if (!overlay) return []
    const others = list.filter(({ id }) => id !== row?.id)
    const wanted = others.filter(({ id }) => marked.has(id))
    return (wanted.length === 0 ? others : wanted)
      .slice(0, MAX_OVERLAID)
      .map((each) => drawnRun(each, this.#model.runFigures(each.id)))
  }

  #layout(): TrainLayout {
    return trainLayout(this.#state, this.#runs().length, this.#size)
  }

  #grid({ parts }: TrainContext): ChartGrid {
    return this.#state.large ? { columns: 1, rows: 1 } : chartGrid(this.#layout().body, parts.charts.length)
  }

  #placeRuns(cursor: number, count: number, { list }: TrainLayout): void {
    const { runs } = this.#state
    const placed = placeCursor(runs, cursor, count, Math.max(1, list - 1))
    if (placed.cursor !== runs.cursor || placed.first !== runs.first)
      this.#store.send({ type: 'place-runs', runs: placed })
  }

  #placeStep(steps: readonly StepFigures[], { body }: TrainLayout): void {
    const { steps: window, at, ascending } = this.#state
    const line = stepOfLine(stepIndex(steps, at), steps.length, ascending)
    const placed = placeCursor(window, line, steps.length, Math.max(1, body.height - 1))
    if (placed.cursor !== window.cursor || placed.first !== window.first)
      this.#store.send({ type: 'place-steps', steps: placed })
  }

  #placeBatch(entries: readonly BatchEntry[], { body }: TrainLayout, by = 0): void {
    const { batch } = this.#state
    const placed = placeCursor(batch, batch.cursor + by, entries.length, Math.max(1, body.height - BATCH_HEAD - 1))
    if (placed.cursor !== batch.cursor || placed.first !== batch.first)
      this.#store.send({ type: 'place-batch', batch: placed })
  }

  #move(words: string, context: TrainContext): void {
    const layout = this.#layout()
    const { figures, parts, entries } = context
    switch (this.#state.view) {
      case 'runs':
        return this.#toRun(jumpStep(words, layout.list - 1) ?? 0)
      case 'steps': {
        const by = jumpStep(words, layout.body.height - 1)
        if (by !== undefined) this.#toLine(figures.steps, this.#state.steps.cursor + by)
        return
      }
      case 'batch':
        return this.#placeBatch(entries, layout, jumpStep(words, layout.body.height - BATCH_HEAD - 1) ?? 0)
      case 'charts': {
        const { columns, rows } = this.#grid(context)
        const by = jumpStep(words, columns * rows)
        if (by !== undefined) this.#toChart(parts.charts, parts.chosen + by)
      }
    }
  }

  #toRun(by: number): void {
    const list = this.#runs()
    const at = clamp(this.#chosenRun(list) + by, 0, list.length - 1)
    // The first line means the newest Run, also when a newer one comes.
    this.#store.send({ type: 'run', run: at === 0 ? undefined : list[at]?.id })
  }

  #toLine(steps: readonly StepFigures[], line: number): void {
    const at = clamp(line, 0, steps.length - 1)
    this.#to(stepAt(steps, stepOfLine(at, steps.length, this.#state.ascending)))
  }

  #toChart(charts: readonly MetricChart[], index: number): void {
    this.#store.send({ type: 'chart', chart: charts[clamp(index, 0, charts.length - 1)]?.key })
  }

  #turnPage(context: TrainContext, by: 1 | -1): void {
    const { columns, rows } = this.#grid(context)
    const { charts, chosen } = context.parts
    const { page, pages } = pageOf(chosen, charts.length, { columns, rows })
    this.#toChart(charts, ((page + by + pages) % pages) * columns * rows)
  }

  #read({ figures: { steps } }: TrainContext, by: number): void {
    this.#to(steppedBy(steps, this.#state.at, by))
  }

  #to(at: StepAt | undefined): void {
    this.#store.send({ type: 'at', at })
  }

  /** Steps that share one column of a chart. */
  #stepsPerColumn(context: TrainContext): number {
    const { from, to } = xRange(context.parts)
    const cells = Math.floor(this.#size.width / this.#grid(context).columns) - CHART_SIDE
    return Math.max(1, Math.ceil((to - from) / Math.max(1, cells)))
  }

  #turn(view: 'steps' | 'runs'): void {
    this.#store.send({ type: 'view', view: this.#state.view === view ? 'charts' : view })
  }

  #mark({ id }: RunRow): PaneEffect {
    const isMarked = this.#state.marked.has(id)
    this.#store.send({ type: 'mark', run: id })
    return {
      type: 'message',
      text: isMarked ? `${id} is no longer marked.` : `${id} is marked; o lays marked runs over the others.`,
    }
  }

  #open({ step, entries }: TrainContext): PaneEffect | undefined {
    const { view, large, batch } = this.#state
    if (view === 'charts') this.#store.send({ type: 'large', large: !large })
    else if (view === 'runs') this.#store.send({ type: 'view', view: 'charts' })
    else if (view === 'steps') return this.#openBatch(step)
    const entry = view === 'batch' ? entries[batch.cursor] : undefined
    return entry === undefined ? undefined : batchEffect(entry)
  }

  #openBatch(step: StepFigures | undefined): PaneEffect | undefined {
    if (step === undefined) return undefined
    if (step.batch.length === 0)
      return {
        type: 'message',
        text: step.kind === 'eval' ? 'An evaluation learns from nothing.' : 'This step names no batch.',
      }
    // While more steps come, the batch stays the one that was opened.
    this.#to({ x: step.x, kind: step.kind })
    this.#store.send({ type: 'view', view: 'batch' })
    return undefined
  }

  #copy({ parts, figures, entries, step }: TrainContext): PaneEffect {
    switch (this.#state.view) {
      case 'charts':
        return { type: 'copy', text: readOutText(parts), what: `the values at step ${parts.cursor ?? step?.x ?? 0}` }
      case 'steps':
        return { type: 'copy', text: stepsText(figures), what: 'the step table' }
      case 'batch':
        return { type: 'copy', text: batchText(entries), what: 'the batch' }
      case 'runs':
        return { type: 'copy', text: runsText(this.#runs()), what: 'the list of runs' }
    }
  }

  #edit({ row, figures, findings, entries }: TrainContext): PaneEffect | undefined {
    if (row === undefined) return undefined
    switch (this.#state.view) {
      case 'runs':
        return { type: 'edit', name: `${row.id}.txt`, text: runText(row, figures, findings) }
      case 'batch':
        return { type: 'edit', name: `${row.id}-batch.tsv`, text: batchText(entries) }
      default:
        return { type: 'edit', name: `${row.id}-steps.tsv`, text: stepsText(figures) }
    }
  }

  /** Esc: the innermost thing that is open, one per key. */
  #back(): void {
    const { view, large, filter, at } = this.#state
    if (view === 'batch') this.#store.send({ type: 'view', view: 'steps' })
    else if (view !== 'charts') this.#store.send({ type: 'view', view: 'charts' })
    else if (large) this.#store.send({ type: 'large', large: false })
    else if (filter !== '') this.#store.send({ type: 'filter', text: '' })
    else if (at !== undefined) this.#to(undefined)
  }
}

function drawnRun(row: RunRow | undefined, figures: RunFigures): DrawnRun {
  return { id: row?.id ?? '', figures, totalSteps: row?.totalSteps ?? 0 }
}

const NO_FIGURES: RunFigures = { names: [], series: () => undefined, steps: [], stages: [], warnings: [], config: {} }
const OWN_WORDS = new Set([...TRAIN_BINDINGS.map((row) => row.run), 'copy', 'edit'])
