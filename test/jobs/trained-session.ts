import { join } from 'node:path'
import { Analysis } from '../../sessions/analysis.ts'
import { Session } from '../../sessions/session.ts'
import type { Cli } from '../commands/cli.ts'
import { store } from '../sessions/temporary.ts'
import { trajectoryOf } from '../training/embedded/rollouts.ts'

/** A run as `train list --json` has it. */
export interface ListedRun {
  readonly run: string
  readonly job: string
  readonly state: string
  readonly stage?: string
  readonly step: number
  readonly totalSteps: number
  readonly loss?: number
  readonly note?: string
}

/** What `train show --json` adds. */
export interface ShownRun extends ListedRun {
  readonly folder: string
  readonly datasetFolder: string
  readonly weights: readonly { readonly stage: string; readonly path: string; readonly sha256: string }[]
}

const TASKS = ['sums', 'lists', 'dates', 'texts'] as const

/** Runs of the embedded policy's own grammar: those that look before they act are resolved, those that repeat themselves are not. */
const RUNS = [
  ['resolved', ['view-repository', 'view-missing', 'finish-unedited']],
  ['resolved', ['view-repository', 'view-missing', 'wrong-tool', 'finish-unedited']],
  ['unresolved', ['view-repository', 'talk', 'finish-unedited']],
  ['unresolved', ['view-repository', 'talk', 'wrong-tool', 'talk']],
] as const

/** Stores judged runs and accepts every pair. */
export function fill(session: Session): void {
  const drafts = TASKS.flatMap((task) =>
    RUNS.map(([outcome, kinds], run) => ({ ...trajectoryOf('', task, outcome, kinds), run: String(run + 1) })),
  )
  store(session, drafts)
  const analysis = new Analysis(session)
  const pairs = [...analysis.pairs()].map((pair) => analysis.reviewed(pair))
  session.reviews.append(pairs, 'accept', 'ada')
}

/** Fills the program's session. */
export function fillSession(cli: Cli): void {
  using session = Session.open(join(cli.folder, 'data', 'sealign', 'sessions', 'default.db'), { create: true })
  fill(session)
}

export function runs(cli: Cli): ListedRun[] {
  return cli.json<ListedRun[]>('train', 'list')
}

export function shown(cli: Cli, run: string): ShownRun {
  return cli.json<ShownRun>('train', 'show', run)
}
