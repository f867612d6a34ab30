import { isDeepStrictEqual } from 'node:util'
import { Analysis, type PairFigures, type ReviewedPair, type TaskFigures } from '../sessions/analysis.ts'
import type { Seen } from '../sessions/feed.ts'
import { datasetNames } from '../sessions/freeze.ts'
import type { Session } from '../sessions/session.ts'
import type { AnalysisSettings } from '../sessions/settings.ts'
import type { Message } from '../src/domain/message.ts'
import type { StepDraft } from '../src/domain/trajectory.ts'
import type { EvaluationReport } from '../src/evaluation/report.ts'
import { criticalPairs } from '../src/tree/critical.ts'
import { members } from '../src/tree/merge.ts'
import { probabilityBetterBy } from '../src/tree/score.ts'
import type { Tree } from '../src/tree/tree.ts'
import type { Guide } from './guide.ts'
import { sessionGuide } from './session-guide.ts'
import { SessionReport } from './session-report.ts'
import { SessionRollouts } from './session-rollouts.ts'
import { SessionRuns } from './session-runs.ts'
import type {
  CriticalInfo,
  JobRow,
  Loadable,
  PairCounts,
  PairView,
  RolloutDetail,
  RolloutRow,
  Settings,
  TaskSummary,
  TrajectoryInfo,
  TreeView,
  WorkbenchModel,
} from './model.ts'
import type { LogLines, RunFigures, RunRow } from './run-model.ts'

/** How often other processes' writes are looked for, milliseconds (design: at most 10 times a second). */
const LOOK_MS = 200

/** The workbench's model over a Session: everything is derived once, and again only where something changed. */
export class SessionModel implements WorkbenchModel, Disposable {
  readonly session: string
  readonly #session: Session
  readonly #analysis: Analysis
  readonly #rollouts: SessionRollouts
  readonly #runs: SessionRuns
  readonly #report: SessionReport
  #seen: Seen | undefined
  #guide: Guide | undefined
  readonly #listeners = new Set<() => void>()
  readonly #views = new Map<string, { readonly tree: Tree; readonly criticalKey: string; readonly view: TreeView }>()
  readonly #timer: NodeJS.Timeout
  #tasks: readonly TaskSummary[] | undefined
  #pairs: readonly PairView[] | undefined
  #counts: PairFigures | undefined
  /** Ids of Trajectories by what Datasets call them. */
  #byName: ReadonlyMap<string, number> | undefined

  constructor(session: Session) {
    this.session = session.name
    this.#session = session
    this.#analysis = new Analysis(session)
    this.#runs = new SessionRuns(session)
    this.#rollouts = new SessionRollouts(session, (job) => this.#runs.ofJob(job))
    this.#report = new SessionReport(session, () => this.#tell())
    this.#seen = session.feed.look()
    this.#guide = sessionGuide(session)
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#timer.unref()
  }

  /** What commands run from the screen work on: the same trees the screen shows. */
  analysis(): Analysis {
    return this.#analysis
  }

  tasks(): Loadable<readonly TaskSummary[]> {
    this.#tasks ??= this.#analysis.tasks().map((task) => summaryOf(this.#analysis.figures(task)))
    return { state: 'ready', value: this.#tasks }
  }

  tree(task: string): Loadable<TreeView> {
    const tree = this.#analysis.tree(task)
    const criticalKey = JSON.stringify(this.#analysis.critical)
    const known = this.#views.get(task)
    if (known?.tree === tree && known.criticalKey === criticalKey) return { state: 'ready', value: known.view }
    const view = this.#viewOf(task, tree)
    this.#views.set(task, { tree, criticalKey, view })
    return { state: 'ready', value: view }
  }

  step(trajectory: number, t: number): StepDraft | undefined {
    return this.#session.trajectories.step(trajectory, t)
  }

  stepCount(trajectory: number): number {
    return this.#session.trajectories.info(trajectory)?.steps ?? 0
  }

  prompt(trajectory: number): readonly Message[] {
    return this.#session.trajectories.prompt(trajectory)
  }

  pairs(): Loadable<readonly PairView[]> {
    this.#pairs ??= [...this.#analysis.pairs()].map((pair) => viewOfPair(this.#analysis.reviewed(pair)))
    return { state: 'ready', value: this.#pairs }
  }

  counts(): PairCounts {
    this.#counts ??= this.#analysis.pairFigures()
    return this.#counts
  }

  rollouts(): Loadable<readonly RolloutRow[]> {
    return { state: 'ready', value: this.#rollouts.rows }
  }

  rollout(id: number): RolloutDetail {
    return this.#rollouts.detail(id)
  }

  jobs(): readonly JobRow[] {
    return this.#rollouts.jobs
  }

  guide(): Guide | undefined {
    return this.#guide
  }

  runs(): Loadable<readonly RunRow[]> {
    return { state: 'ready', value: this.#runs.rows }
  }

  runFigures(id: string): RunFigures {
    return this.#runs.figures(id)
  }

  runLog(id: string): LogLines {
    return this.#runs.log(id)
  }

  learntTrajectory(name: string): { readonly task: string; readonly info: TrajectoryInfo } | undefined {
    this.#byName ??= trajectoriesByName(this.#session, this.#analysis)
    const id = this.#byName.get(name)
    const found = id === undefined ? undefined : this.#session.trajectories.info(id)
    return found && { task: found.task, info: infoOf(this.#session, found.id) }
  }

  report(): Loadable<EvaluationReport> {
    return this.#report.report()
  }

  now(): number {
    return Date.now()
  }

  settings(): Settings {
    const { merge, threshold, inclusive, filter } = this.#analysis.settings
    return { mode: merge, threshold, inclusive, noFilter: !filter }
  }

  set(change: Partial<Settings>): void {
    const changed: Partial<AnalysisSettings> = {
      ...(change.mode !== undefined && { merge: change.mode }),
      ...(change.threshold !== undefined && { threshold: change.threshold }),
      ...(change.inclusive !== undefined && { inclusive: change.inclusive }),
      ...(change.noFilter !== undefined && { filter: !change.noFilter }),
    }
    this.#session.change(changed)
    this.#session.feed.look(true)
    this.#analysis.use({ ...this.#analysis.settings, ...changed })
    this.#changed()
  }

  /** Takes over what a command of ours just wrote; trees nothing changed in stay the same objects. */
  refresh(): void {
    this.#seen = this.#session.feed.look(true) ?? this.#seen
    this.#readJobs()
    this.#takeOver()
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#report[Symbol.dispose]()
  }

  /** Another process wrote: an import, a job, a second reviewer, a shell command. Rollouts at work leave the trees alone. */
  #look(): void {
    const before = this.#seen
    const now = this.#session.feed.look()
    if (now) this.#seen = now
    const moved = (now || this.#rollouts.watching || this.#guide?.state === 'running') && this.#readJobs()
    const onlyRollouts = before && now && isDeepStrictEqual({ ...before, rollouts: 0 }, { ...now, rollouts: 0 })
    if (now && !onlyRollouts) this.#takeOver()
    else if (moved) this.#tell()
  }

  /** Reads what jobs wrote; says whether there was anything. */
  #readJobs(): boolean {
    const runs = this.#runs.refresh()
    const rollouts = this.#rollouts.refresh()
    const report = this.#report.refresh()
    return this.#readGuide() || runs || rollouts || report
  }

  #readGuide(): boolean {
    const guide = sessionGuide(this.#session)
    if (isDeepStrictEqual(guide, this.#guide)) return false
    this.#guide = guide
    return true
  }

  #takeOver(): void {
    this.#analysis.refresh()
    this.#analysis.use(this.#session.settings)
    this.#changed()
  }

  #changed(): void {
    this.#tasks = undefined
    this.#pairs = undefined
    this.#counts = undefined
    this.#byName = undefined
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #viewOf(task: string, tree: Tree): TreeView {
    const { trajectories } = this.#session
    const infos = new Map<number, TrajectoryInfo>()
    const critical = Map.groupBy(criticalPairs(tree, this.#analysis.critical), ({ parent }) => parent)
    const infoOfNode = new Map<number, CriticalInfo>()
    const threshold = this.#analysis.settings.threshold
    return {
      task,
      tree,
      label: (node) =>
        node === 0 ? task : trajectories.label(tree.trajectories[tree.member[node] ?? 0] ?? 0, tree.step[node] ?? 0),
      trajectory: (position) => {
        let info = infos.get(position)
        if (!info) {
          info = infoOf(this.#session, tree.trajectories[position] ?? 0)
          infos.set(position, info)
        }
        return info
      },
      members: (node) => members(tree, node),
      criticalNodes: Int32Array.from(critical.keys()).sort(),
      critical: (node) => {
        const pairs = critical.get(node)
        if (!pairs) return undefined
        let info = infoOfNode.get(node)
        if (!info) {
          info = criticalInfo(tree, pairs, threshold)
          infoOfNode.set(node, info)
        }
        return info
      },
    }
  }
}

/** The pane counts all runs of a task, the analysis only those with a known outcome. */
function summaryOf(figures: TaskFigures): TaskSummary {
  return { ...figures, trajectories: figures.trajectories + figures.unknown }
}

function criticalInfo(tree: Tree, pairs: ReturnType<typeof criticalPairs>, threshold: number): CriticalInfo {
  const count = (node: number) => ({ n: tree.visits[node] ?? 0, r: tree.successes[node] ?? 0 })
  const widest = pairs.reduce((best, pair) => (pair.delta > best.delta ? pair : best))
  const confidence = Math.max(
    ...pairs.map(({ chosen, rejected }) => probabilityBetterBy(count(chosen), count(rejected), threshold)),
  )
  return { delta: widest.delta, confidence, pairs: pairs.length, chosen: widest.chosen, rejected: widest.rejected }
}

function infoOf(session: Session, id: number): TrajectoryInfo {
  const info = session.trajectories.info(id)
  if (!info) return { id, outcome: 'unknown', steps: 0 }
  const { outcome, steps, run, model, end, source } = info
  return {
    id,
    outcome,
    steps,
    ...(run !== undefined && { run }),
    ...(model !== undefined && { model }),
    ...(end !== undefined && { end }),
    ...(source !== undefined && { source }),
  }
}

function trajectoriesByName(session: Session, analysis: Analysis): ReadonlyMap<string, number> {
  const nameOf = datasetNames(session, analysis)
  return new Map(Array.from(analysis.all(), ({ id }) => [nameOf(id), id]))
}

function viewOfPair({ pair, flags, review }: ReviewedPair): PairView {
  return { pair, flags, review }
}
