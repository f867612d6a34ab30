import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { TrajectoryDraft } from '../../src/domain/trajectory.ts'
import { DEFAULT_LIMITS } from '../../src/importers/limits.ts'
import { readFile } from '../../src/importers/read-file.ts'
import { Reports } from '../../src/importers/reports.ts'
import { walk } from '../../src/importers/walk.ts'
import type { BacktestTrajectory } from '../../src/rollout/backtest.ts'

/** Real trajectories beside the repository; tests over them are skipped where they are not at hand. */
const DATA = resolve('../shared/data')
export const haveRuns = existsSync(DATA)
export const NEEDS_RUNS = haveRuns ? '' : ' (skipped: needs ../shared/data)'

/** The Trajectories of a folder, outcomes joined from its reports, in the order of files; MINT's single-turn folders left out. */
export async function draftsBelow(folder: string): Promise<TrajectoryDraft[]> {
  const files = await walk([resolve(DATA, folder)], DEFAULT_LIMITS.files, ['max1*'])
  const reports = await Reports.read(files)
  const drafts: TrajectoryDraft[] = []
  for (const found of files) {
    if (reports.has(found.path)) continue
    for await (const events of readFile(found, { limits: DEFAULT_LIMITS })) {
      for (const event of events) {
        if (event.type !== 'trajectory') continue
        const { draft } = event
        drafts.push({ ...draft, outcome: reports.lookup(found, draft.task)?.outcome ?? draft.outcome })
      }
    }
  }
  return drafts
}

/** Drafts as the backtest takes them; ids count from 1. */
export function backtestRuns(drafts: readonly TrajectoryDraft[]): BacktestTrajectory[] {
  return drafts.map(({ outcome, steps, tokens }, at) => ({
    id: String(at + 1),
    outcome,
    steps,
    ...(tokens?.completion !== undefined && { completionTokens: tokens.completion }),
  }))
}
