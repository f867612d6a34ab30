import { reportOf } from '../../../src/evaluation/comparison.ts'
import type { EvaluationReport, EvaluationSummary } from '../../../src/evaluation/report.ts'
import type { RolloutFacts } from '../../../src/evaluation/rollout-facts.ts'
import { summarize } from '../../../src/evaluation/summary.ts'
import type { Size } from '../../../views/pane.ts'
import { ReportPane } from '../../../views/report/pane.ts'
import { RolloutsPane } from '../../../views/rollouts/pane.ts'
import { TreePane } from '../../../views/tree/pane.ts'
import { Screen } from '../../flows/screen.ts'
import { facts } from '../../evaluation/trajectories.ts'
import { PlainModel } from '../plain-model.ts'

/** Terminals from the smallest on. */
export const SIZES: readonly Size[] = [
  { width: 60, height: 16 },
  { width: 80, height: 24 },
  { width: 100, height: 30 },
  { width: 160, height: 45 },
  { width: 200, height: 50 },
]
export const NARROW: Size = { width: 60, height: 16 }
export const MIDDLE: Size = { width: 100, height: 30 }
export const WIDE: Size = { width: 160, height: 45 }

const TASKS = Array.from({ length: 24 }, (_, at) => `pkg-${at + 1}`)

/** An Evaluation of 24 Tasks: those before `resolved` are, the others fail in one of four ways. */
export function evaluation(
  id: number,
  name: string,
  resolved: number,
  change: Partial<EvaluationSummary> = {},
  list: readonly RolloutFacts[] = rollouts(id, resolved),
): EvaluationSummary {
  const head = { id: `e${id}`, name, model: `embedded ${name}`, job: `j${id}`, state: 'done', tasks: 24 } as const
  return { ...summarize({ ...head, rollouts: list.length }, list), ...change }
}

/** A rollout of every task. */
export function rollouts(id: number, resolved: number): RolloutFacts[] {
  return TASKS.map((task, at) => {
    if (at < resolved) return facts(id * 100 + at, task, true, { turns: 6 })
    const step = 2 + (at % 5)
    const ways: readonly Partial<RolloutFacts>[] = [
      { stuck: true, end: 'stuck', signs: [{ kind: 'loop', step, says: 'the same action ×6' }] },
      { emptyPatch: true, end: 'gave-up', signs: [{ kind: 'instruction', step, says: 'talks instead of acting' }] },
      { invalidCalls: 2, end: 'turn-limit', signs: [{ kind: 'tool', step, says: 'malformed call' }] },
      {},
    ]
    return facts(id * 100 + at, task, false, { turns: 20, ...ways[at % 4] })
  })
}

/** Before, after SFT, and after SFT and DPO. */
export function threeEvaluations(): EvaluationReport {
  return reportOf([evaluation(1, 'before', 2), evaluation(2, 'SFT', 9), evaluation(3, 'SFT+DPO', 14)])
}

/** The pane on a screen, beside those it leads to. */
export function open(size: Size, report: EvaluationReport = threeEvaluations()): { screen: Screen; model: PlainModel } {
  const model = new PlainModel('s')
  model.setTasks([{ task: 'pkg-1', trajectories: 1, resolved: 0, nodes: 1, branching: 0, critical: 0, pairs: 0 }])
  model.setReport({ state: 'ready', value: report })
  const screen = new Screen(model, [new RolloutsPane(model), new TreePane(model), new ReportPane(model)], size)
  return { screen: screen.press('5'), model }
}
