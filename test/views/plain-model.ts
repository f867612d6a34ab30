import type { Guide } from '../../views/guide.ts'
import type {
  JobRow,
  PairCounts,
  RolloutDetail,
  RolloutRow,
  Settings,
  TaskSummary,
  WorkbenchModel,
} from '../../views/model.ts'
import type { RunFigures, RunRow } from '../../views/run-model.ts'
import { RunCurves } from '../../views/run-curves.ts'

const NO_COUNTS: PairCounts = {
  criticalNodes: 0,
  pairs: 0,
  tasks: 0,
  pending: 0,
  accepted: 0,
  rejected: 0,
  skipped: 0,
}

const NO_DETAIL: RolloutDetail = { live: '', liveKind: '', nudges: [] }

const NO_FIGURES: RunFigures = new RunCurves().figures()

/** A workbench model over plain data: what tests put into it is what panes read. */
export class PlainModel implements WorkbenchModel {
  readonly session: string
  readonly #listeners = new Set<() => void>()
  #tasks: ReturnType<WorkbenchModel['tasks']> = { state: 'ready', value: [] }
  #settings: Settings = { mode: 'call', threshold: 0.5, inclusive: false, noFilter: false }
  #rollouts: ReturnType<WorkbenchModel['rollouts']> = { state: 'ready', value: [] }
  #runs: ReturnType<WorkbenchModel['runs']> = { state: 'ready', value: [] }
  #report: ReturnType<WorkbenchModel['report']> = { state: 'loading' }
  /** Figures by Run id. */
  readonly figures = new Map<string, RunFigures>()
  countsNow: PairCounts = NO_COUNTS
  /** Details by rollout id. */
  readonly details = new Map<number, RolloutDetail>()
  jobList: readonly JobRow[] = []
  nowMs = Date.UTC(2026, 0, 1)
  guideNow: Guide | undefined

  constructor(session: string) {
    this.session = session
  }

  guide(): Guide | undefined {
    return this.guideNow
  }

  /** Replaces the tasks and tells listeners. */
  setTasks(tasks: readonly TaskSummary[] | ReturnType<WorkbenchModel['tasks']>): void {
    this.#tasks = 'state' in tasks ? tasks : { state: 'ready', value: tasks }
    this.changed()
  }

  tasks(): ReturnType<WorkbenchModel['tasks']> {
    return this.#tasks
  }

  tree(task: string): ReturnType<WorkbenchModel['tree']> {
    return { state: 'error', message: `There is no tree of ${task}.` }
  }

  step(_trajectory: number, _t: number): ReturnType<WorkbenchModel['step']> {
    return undefined
  }

  stepCount(_trajectory: number): number {
    return 0
  }

  prompt(_trajectory: number): ReturnType<WorkbenchModel['prompt']> {
    return []
  }

  pairs(): ReturnType<WorkbenchModel['pairs']> {
    return { state: 'ready', value: [] }
  }

  /** Replaces the rollouts and tells listeners. */
  setRollouts(rollouts: readonly RolloutRow[] | ReturnType<WorkbenchModel['rollouts']>): void {
    this.#rollouts = 'state' in rollouts ? rollouts : { state: 'ready', value: rollouts }
    this.changed()
  }

  rollouts(): ReturnType<WorkbenchModel['rollouts']> {
    return this.#rollouts
  }

  rollout(id: number): RolloutDetail {
    return this.details.get(id) ?? NO_DETAIL
  }

  jobs(): readonly JobRow[] {
    return this.jobList
  }

  /** Replaces the Runs and tells listeners. */
  setRuns(runs: readonly RunRow[] | ReturnType<WorkbenchModel['runs']>): void {
    this.#runs = 'state' in runs ? runs : { state: 'ready', value: runs }
    this.changed()
  }

  runs(): ReturnType<WorkbenchModel['runs']> {
    return this.#runs
  }

  runFigures(id: string): RunFigures {
    return this.figures.get(id) ?? NO_FIGURES
  }

  /** Replaces the report and tells listeners. */
  setReport(report: ReturnType<WorkbenchModel['report']>): void {
    this.#report = report
    this.changed()
  }

  report(): ReturnType<WorkbenchModel['report']> {
    return this.#report
  }

  now(): number {
    return this.nowMs
  }

  counts(): PairCounts {
    return this.countsNow
  }

  settings(): Settings {
    return this.#settings
  }

  set(change: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...change }
    this.changed()
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
