import { existsSync } from 'node:fs'
import { SealignError } from '../src/domain/errors.ts'
import { STEP_WORDS } from '../src/tree/key-lanes.ts'
import { Datasets } from './datasets.ts'
import { Db } from './db.ts'
import { Demo } from './demo.ts'
import { Evaluations } from './evaluations.ts'
import { Events } from './events.ts'
import { Feed } from './feed.ts'
import { type Collected, collectGarbage } from './garbage.ts'
import { checkHealth, type Health } from './health.ts'
import { Jobs } from './jobs.ts'
import { migrate } from './migrate.ts'
import { Overrides } from './overrides.ts'
import { makeRoom, sessionName } from './place.ts'
import { Requests } from './requests.ts'
import { Reviews } from './reviews.ts'
import { Rollouts } from './rollouts.ts'
import { Runs } from './runs.ts'
import { type AnalysisSettings, readSettings, writeSettings } from './settings.ts'
import { Sources } from './sources.ts'
import { TaskDefinitions } from './task-definitions.ts'
import { Texts } from './texts.ts'
import { Trajectories } from './trajectories.ts'
import { Verdicts } from './verdicts.ts'

/** What a session holds, in numbers. */
export interface SessionSummary {
  readonly name: string
  readonly path: string
  readonly settings: AnalysisSettings
  readonly tasks: number
  readonly trajectories: number
  readonly resolved: number
  readonly unresolved: number
  readonly unknown: number
  readonly steps: number
  /** Texts stored apart from their rows, their bytes, and the bytes they take compressed. */
  readonly texts: number
  readonly textBytes: number
  readonly packedBytes: number
  readonly reviews: number
  readonly reviewedPairs: number
  readonly sources: number
  /** Bytes of the database. */
  readonly size: number
  readonly schema: number
}

/** One database file: everything for one investigation, and the only channel between jobs, screens and shells. */
export class Session implements Disposable {
  readonly path: string
  readonly name: string
  readonly db: Db
  readonly trajectories: Trajectories
  readonly sources: Sources
  readonly reviews: Reviews
  readonly overrides: Overrides
  readonly feed: Feed
  readonly taskDefinitions: TaskDefinitions
  readonly jobs: Jobs
  readonly rollouts: Rollouts
  readonly requests: Requests
  readonly events: Events
  readonly verdicts: Verdicts
  readonly datasets: Datasets
  readonly runs: Runs
  readonly evaluations: Evaluations
  readonly demo: Demo
  readonly #texts: Texts
  #version = -1

  private constructor(db: Db) {
    this.db = db
    this.path = db.path
    this.name = sessionName(db.path)
    this.#texts = new Texts(db)
    this.trajectories = new Trajectories(db, this.#texts)
    this.sources = new Sources(db)
    this.reviews = new Reviews(db)
    this.overrides = new Overrides(db)
    this.feed = new Feed(db)
    this.taskDefinitions = new TaskDefinitions(db, this.#texts)
    this.jobs = new Jobs(db)
    this.rollouts = new Rollouts(db, this.#texts)
    this.requests = new Requests(db)
    this.events = new Events(db)
    this.verdicts = new Verdicts(db, this.#texts)
    this.datasets = new Datasets(db)
    this.runs = new Runs(db)
    this.evaluations = new Evaluations(db)
    this.demo = new Demo(db)
  }

  /**
   * Opens a session, bringing its schema up to date.
   * @param create - make the file when there is none.
   * @throws SealignError `not-found` when there is none, `store` when it cannot be used.
   */
  static open(path: string, options: { readonly create?: boolean } = {}): Session {
    if (!existsSync(path)) {
      if (!options.create)
        throw new SealignError('not-found', `there is no session ${path}`, {
          hint: 'Import something into it: sealign import PATH.',
        })
      makeRoom(path)
    }
    const db = new Db(path)
    try {
      migrate(db)
      return new Session(db)
    } catch (error) {
      db.close()
      throw error
    }
  }

  get settings(): AnalysisSettings {
    return readSettings(this.db)
  }

  change(settings: Partial<AnalysisSettings>): void {
    writeSettings(this.db, settings)
  }

  /**
   * Runs writes of Trajectories in one transaction; texts are packed and the revision is taken along.
   * @param work - given the revision its rows belong to.
   */
  write<T>(work: (revision: number) => T): T {
    return this.#write(() => work(this.#next('revision')))
  }

  /**
   * Runs writes about jobs, rollouts and Runs in one transaction; trees do not depend on them.
   * @param work - given the rollout revision its rows belong to.
   */
  record<T>(work: (revision: number) => T): T {
    return this.#write(() => work(this.#next('rollout_revision')))
  }

  /** Both at once: a rollout ends and its Trajectory enters the trees, or neither. */
  conclude<T>(work: (revisions: { readonly trees: number; readonly rollouts: number }) => T): T {
    return this.#write(() => work({ trees: this.#next('revision'), rollouts: this.#next('rollout_revision') }))
  }

  #next(counter: 'revision' | 'rollout_revision'): number {
    return this.db.get<{ value: number }>(`update ${counter} set value = value + 1 returning value`)?.value ?? 0
  }

  #write<T>(work: () => T): T {
    try {
      return this.db.transaction(() => {
        this.#noticeOthers()
        const result = work()
        this.#texts.flush()
        return result
      })
    } catch (error) {
      this.trajectories.discard()
      throw error
    }
  }

  summary(): SessionSummary {
    const row = this.db.get<Omit<SessionSummary, 'name' | 'path' | 'settings'>>(
      `select (select count(*) from task) as tasks, (select count(*) from trajectory) as trajectories,
        (select count(*) from trajectory where outcome = 'resolved') as resolved, (select count(*) from trajectory where outcome = 'unresolved') as unresolved,
        (select count(*) from trajectory where outcome = 'unknown') as unknown, (select coalesce(sum(steps), 0) from trajectory) as steps,
        (select count(*) from blob) as texts, (select coalesce(sum(size), 0) from pack) as textBytes, (select coalesce(sum(length(bytes)), 0) from pack) as packedBytes,
        (select count(*) from review) as reviews, (select count(*) from pair) as reviewedPairs, (select count(*) from source) as sources,
        (select page_count * page_size from pragma_page_count(), pragma_page_size()) as size, (select user_version from pragma_user_version()) as "schema"`,
    )
    if (!row) throw new SealignError('bug', 'a session without a summary')
    return { name: this.name, path: this.path, settings: this.settings, ...row }
  }

  check(): Health {
    return checkHealth(this.db, STEP_WORDS)
  }

  collectGarbage(): Collected {
    const collected = collectGarbage(this.db)
    this.#texts.refresh()
    return collected
  }

  /** Writes a consistent copy of the whole session, others may go on writing meanwhile. */
  async backup(to: string): Promise<void> {
    await this.db.copyTo(to)
  }

  close(): void {
    this.db.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #noticeOthers(): void {
    const version = this.db.get<{ data_version: number }>('pragma data_version')?.data_version ?? 0
    if (version !== this.#version) this.#texts.refresh()
    this.#version = version
  }
}
