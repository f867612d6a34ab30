import type { EvaluationReport, EvaluationSummary } from '../../src/evaluation/report.ts'
import type { RolloutFacts } from '../../src/evaluation/rollout-facts.ts'
import type { Loadable, WorkbenchModel } from '../model.ts'
import type { Pane, PaneEffect, Size } from '../pane.ts'
import { clamp, jumpStep, placeCursor } from '../paint/list-window.ts'
import type { Row } from '../paint/row.ts'
import type { Selection } from '../ports.ts'
import { createStore, type Store } from '../store.ts'
import { chosenBase, evaluationOrder, listedEvaluations } from './evaluation-listing.ts'
import { REPORT_BINDINGS } from './keys.ts'
import { comparisonMarkdown, reportMarkdown } from './markdown.ts'
import { evaluationLines, type ReportContext, reportRows, taskLinesShown } from './rows.ts'
import { nextSort, nextTaskSort, REPORT_START, type ReportMessage, type ReportState, updateReport } from './state.ts'
import { factsOf, kept, type TaskLine, taskLines, taskOrder } from './task-listing.ts'

type Action = () => PaneEffect | void

/** The report pane (tab 5): every Evaluation in one table, two of them compared, and from each figure down to the rollout behind it. */
export class ReportPane implements Pane {
  readonly id = 'report'
  readonly tab = '5'
  readonly title = 'Report'
  readonly bindings = REPORT_BINDINGS
  readonly #model: WorkbenchModel
  readonly #store: Store<ReportState, ReportMessage> = createStore(REPORT_START, updateReport)
  #size: Size = { width: 80, height: 22 }
  #lines: { readonly key: readonly unknown[]; readonly lines: readonly TaskLine[] } = { key: [], lines: [] }

  constructor(model: WorkbenchModel) {
    this.#model = model
  }

  rows(size: Size): readonly Row[] {
    this.#size = size
    return reportRows(this.#context(), size)
  }

  run(words: string, size: Size): PaneEffect | undefined {
    this.#size = size
    const context = this.#context()
    const step = jumpStep(words, this.#listHeight(context))
    if (step !== undefined) this.#move(step, context)
    else return this.#actions[words]?.() ?? undefined
    return undefined
  }

  disabledReason(words: string): string | undefined {
    if (!OWN_WORDS.has(words) && words !== 'copy' && words !== 'edit') return undefined
    const context = this.#context()
    if (context.report.state !== 'ready') return 'the report is not there yet'
    if (context.evaluation === undefined) return 'there is no evaluation here'
    return this.#state.view === 'tasks' ? this.#taskReason(words, context) : this.#evaluationReason(words, context)
  }

  readonly filter = {
    get: (): string => (this.#state.view === 'tasks' ? this.#state.taskFilter : this.#state.filter),
    set: (text: string): void => this.#store.send({ type: 'filter', text }),
  }

  selection(): Selection {
    if (this.#state.view !== 'tasks') return {}
    const { task } = this.#context().state
    const facts = this.#rollout()
    return {
      ...(task !== undefined && { task }),
      ...(facts?.trajectory !== undefined && { trajectory: facts.trajectory }),
    }
  }

  attention(): string | undefined {
    return undefined
  }

  get #state(): ReportState {
    return this.#store.get()
  }

  readonly #actions: Readonly<Record<string, Action | undefined>> = {
    open: () => this.#open(),
    base: () => this.#withEvaluation(({ id }) => this.#store.send({ type: 'base', id })),
    part: () => this.#store.send({ type: 'part' }),
    'column next': () => (this.#state.view === 'tasks' ? this.#toColumn(1) : this.#toTasks()),
    'column previous': () => this.#toColumn(-1),
    'rollout next': () => this.#toRollout(1),
    'rollout previous': () => this.#toRollout(-1),
    tree: () => this.#toTree(),
    sort: () => this.#sort(),
    'zoom in': () => this.#store.send({ type: 'zoom', zoomed: true }),
    'zoom out': () => this.#store.send({ type: 'zoom', zoomed: false }),
    copy: () => this.#withText((text) => ({ type: 'copy', text, what: 'the report as Markdown' })),
    edit: () => this.#withText((text) => ({ type: 'edit', name: 'report.md', text })),
    back: () => this.#back(),
  }

  /** What is drawn; on the way, cursors follow what the model now holds. */
  #context(): ReportContext {
    const report = this.#model.report()
    const all = report.state === 'ready' ? report.value.evaluations : []
    const listed = listedEvaluations(all, this.#state)
    // Until a person chooses, the newest is looked at.
    const { selected } = this.#state
    const at = selected === undefined ? listed.length - 1 : listed.findIndex(({ id }) => id === selected)
    if (report.state === 'ready') this.#place(at < 0 ? this.#state.window.cursor : at, listed, selected !== undefined)
    const evaluation = listed[this.#state.window.cursor]
    const isTasks = this.#state.view === 'tasks'
    const after = isTasks ? (all.find(({ id }) => id === this.#state.opened) ?? evaluation) : evaluation
    const base = after === undefined ? undefined : chosenBase(all, after, this.#state.base)
    const lines =
      !isTasks || evaluation === undefined || after === undefined ? [] : this.#taskLines(evaluation, after, base)
    if (isTasks) this.#placeTask(this.#taskLine(lines), lines)
    return { state: this.#state, report, listed, evaluation, after, base, lines }
  }

  /** Puts the cursor on a line; `chosen`: a person did, so that it stays on that Evaluation. */
  #place(line: number, listed: readonly EvaluationSummary[], chosen: boolean): void {
    const { window, selected } = this.#state
    const next = placeCursor(window, line, listed.length, evaluationLines(listed.length, this.#size))
    const id = chosen ? (listed[next.cursor]?.id ?? selected) : undefined
    if (next.cursor === window.cursor && next.first === window.first && id === selected) return
    this.#store.send({ type: 'place', window: next, selected: id })
  }

  #taskLine(lines: readonly TaskLine[]): number {
    const { task, taskWindow } = this.#state
    const at = lines.findIndex((line) => line.task === task)
    return at < 0 ? taskWindow.cursor : at
  }

  #placeTask(line: number, lines: readonly TaskLine[]): void {
    const { taskWindow, task } = this.#state
    const next = placeCursor(taskWindow, line, lines.length, taskLinesShown(this.#size))
    const chosen = lines[next.cursor]?.task
    if (next.cursor === taskWindow.cursor && next.first === taskWindow.first && chosen === task) return
    this.#store.send({ type: 'place-task', window: next, task: chosen })
  }

  /** Tasks of an Evaluation as they are listed; made again only where something changed. */
  #taskLines(
    evaluation: EvaluationSummary,
    after: EvaluationSummary,
    base: EvaluationSummary | undefined,
  ): readonly TaskLine[] {
    const { taskFilter, taskOrder: order } = this.#state
    const key = [evaluation, after, base, taskFilter, order]
    if (!key.every((part, at) => part === this.#lines.key[at])) {
      const lines = kept(taskLines({ evaluation, after, base }, taskFilter), order, ({ task }) => task)
      this.#lines = { key, lines }
    }
    return this.#lines.lines
  }

  #listHeight({ listed }: ReportContext): number {
    return this.#state.view === 'tasks' ? taskLinesShown(this.#size) : evaluationLines(listed.length, this.#size)
  }

  #move(step: number, { listed, lines }: ReportContext): void {
    const { view, taskWindow, window } = this.#state
    if (view === 'tasks') this.#placeTask(clamp(taskWindow.cursor + step, 0, lines.length - 1), lines)
    else if (listed.length > 0) this.#place(clamp(window.cursor + step, 0, listed.length - 1), listed, true)
  }

  #open(): PaneEffect | undefined {
    if (this.#state.view !== 'tasks') this.#toTasks()
    else return this.#toRolloutPane()
    return undefined
  }

  /** The rollout itself, at the step where it first went wrong. */
  #toRolloutPane(): PaneEffect | undefined {
    const facts = this.#rollout()
    if (facts === undefined) return undefined
    const { rollout, task, trajectory, signs } = facts
    const [sign] = signs
    const selection = {
      task,
      rollout,
      ...(trajectory !== undefined && { trajectory }),
      ...(sign !== undefined && { step: sign.step }),
    }
    return { type: 'show', pane: 'rollouts', selection }
  }

  #toTasks(): void {
    this.#withEvaluation(({ id }) => this.#store.send({ type: 'open', id }))
  }

  #toColumn(by: 1 | -1): void {
    if (this.#state.view !== 'tasks') return
    const { listed } = this.#context()
    const next = listed[this.#state.window.cursor + by]
    if (next !== undefined) this.#store.send({ type: 'column', selected: next.id })
    else if (by < 0) this.#store.send({ type: 'close' })
  }

  #toRollout(by: 1 | -1): void {
    const count = this.#rollouts().length
    if (count > 0) this.#store.send({ type: 'rollout', at: clamp(this.#state.rollout + by, 0, count - 1) })
  }

  #rollouts(): readonly RolloutFacts[] {
    const { evaluation, state } = this.#context()
    return evaluation === undefined || state.task === undefined ? [] : factsOf(evaluation, state.task)
  }

  #rollout(): RolloutFacts | undefined {
    return this.#rollouts()[this.#state.rollout]
  }

  #toTree(): PaneEffect | undefined {
    const { task } = this.#context().state
    return task === undefined ? undefined : { type: 'show', pane: 'tree', selection: { task } }
  }

  #sort(): void {
    const { report, evaluation, after, base } = this.#context()
    if (this.#state.view !== 'tasks') {
      if (report.state !== 'ready') return
      const order = evaluationOrder(report.value.evaluations, nextSort(this.#state))
      this.#store.send({ type: 'sort', order })
    } else if (evaluation !== undefined && after !== undefined) {
      const order = taskOrder(taskLines({ evaluation, after, base }, ''), nextTaskSort(this.#state))
      this.#store.send({ type: 'sort', order })
    }
  }

  #withEvaluation(act: (evaluation: EvaluationSummary) => void): void {
    const { evaluation } = this.#context()
    if (evaluation !== undefined) act(evaluation)
  }

  /** What leaves the screen: the whole report, or in the tasks the comparison that is looked at. */
  #withText(act: (text: string) => PaneEffect): PaneEffect | undefined {
    const { report, after, base } = this.#context()
    if (report.state !== 'ready') return undefined
    const isComparison = this.#state.view === 'tasks' && after !== undefined && base !== undefined
    return act(isComparison ? `${comparisonMarkdown(base, after)}\n` : reportMarkdown(report.value))
  }

  /** Esc: the innermost thing that is open, one per key. */
  #back(): void {
    const { view, zoomed } = this.#state
    if (this.filter.get() !== '') this.filter.set('')
    else if (zoomed) this.#store.send({ type: 'zoom', zoomed: false })
    else if (view === 'tasks') this.#store.send({ type: 'close' })
  }

  #taskReason(words: string, { state, lines }: ReportContext): string | undefined {
    if (words === 'part') return 'Esc goes back to the evaluations first'
    if (!TASK_WORDS.has(words)) return undefined
    if (lines.length === 0) return 'there is no task here'
    if (words === 'open' && this.#rollout() === undefined) return 'this evaluation has no ended rollout of the task'
    if (words === 'tree' && !hasTree(this.#model.tasks(), state.task)) return 'its task has no tree yet'
    return words.startsWith('rollout ') && this.#rollouts().length < 2 ? 'there is one rollout' : undefined
  }

  #evaluationReason(words: string, { report }: ReportContext): string | undefined {
    if (words === 'column previous' || words.startsWith('rollout ') || words === 'tree')
      return 'open the tasks first (Enter)'
    return words === 'base' && evaluationsOf(report) < 2 ? 'there is only one evaluation' : undefined
  }
}

const OWN_WORDS = new Set(REPORT_BINDINGS.map((row) => row.run))
const TASK_WORDS = new Set(['open', 'tree', 'rollout next', 'rollout previous', 'sort'])

function hasTree(tasks: ReturnType<WorkbenchModel['tasks']>, task: string | undefined): boolean {
  return tasks.state === 'ready' && tasks.value.some((each) => each.task === task)
}

function evaluationsOf(report: Loadable<EvaluationReport>): number {
  return report.state === 'ready' ? report.value.evaluations.length : 0
}
