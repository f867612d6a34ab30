import { expect, test } from 'vitest'
import { reportOf } from '../../src/evaluation/comparison.ts'
import type { StepDraft } from '../../src/domain/trajectory.ts'
import type { RolloutRow } from '../../views/model.ts'
import { ReportPane } from '../../views/report/pane.ts'
import { RolloutsPane } from '../../views/rollouts/pane.ts'
import { TreePane } from '../../views/tree/pane.ts'
import { bashStep, rolloutRow } from '../views/rollouts/live-model.ts'
import { StepModel } from '../views/rollouts/step-model.ts'
import { evaluation, rollouts, threeEvaluations } from '../views/report/report-model.ts'
import { Screen } from './screen.ts'

const SIZE = { width: 110, height: 32 }

/** A session with three evaluations and the rollouts behind them, on a screen. */
function open(report = threeEvaluations()): { screen: Screen; model: StepModel } {
  const model = new StepModel('s')
  const rows = report.evaluations.flatMap(({ facts }) =>
    facts.map(
      ({ rollout, task, outcome, turns, trajectory }): RolloutRow =>
        rolloutRow(rollout, {
          task,
          run: String(rollout),
          state: 'done',
          outcome,
          step: turns,
          ...(trajectory !== undefined && { trajectory }),
        }),
    ),
  )
  model.setRollouts(rows)
  for (const { trajectory = 0, step } of rows)
    model.steps.set(
      trajectory,
      Array.from({ length: step }, (_, at): StepDraft => bashStep(`command ${at + 1}`, `output ${at + 1}`)),
    )
  model.setTasks([{ task: 'pkg-5', trajectories: 1, resolved: 0, nodes: 1, branching: 0, critical: 0, pairs: 0 }])
  model.setReport({ state: 'ready', value: report })
  return {
    screen: new Screen(model, [new RolloutsPane(model), new TreePane(model), new ReportPane(model)], SIZE),
    model,
  }
}

test('from a rate to the step behind it: evaluation, its loops, one task, the rollout at the step where it went wrong', () => {
  const { screen } = open()
  screen.press('5', 'k', 'k', 'enter')
  expect(screen.lines()[1]).toContain('before · 24 tasks')
  screen.press('/').type('loop').press('enter', 'j')
  expect(screen.text()).toMatch(/before: rollout 108 ✗ unresolved/)
  expect(screen.text()).toContain('step   5  loop: the same action ×6')
  screen.press('enter')
  expect(screen.shell.state().tab).toBe('rollouts')
  expect(screen.lines()[1]).toContain('pkg-9')
  expect(screen.press('y').copied[0]).toContain('command 5')
})

test('comparing with another evaluation changes what moved, here and in the tasks', () => {
  const { screen } = open()
  screen.press('5')
  expect(screen.text()).toContain('24 tasks: 12 better, 0 worse, 12 same')
  screen.press('k', 'c', 'j')
  expect(screen.text()).toContain('─ SFT+DPO against SFT ─')
  expect(screen.text()).toContain('24 tasks: 5 better, 0 worse, 19 same')
  expect(screen.lines()[4]).toContain('◆ SFT')
  screen.press('enter', 'o')
  expect(screen.lines()[1]).toContain('SFT+DPO against SFT: 5 ▲ better, 0 ▼ worse')
  expect(screen.lines()[1]).toContain('by moved')
  expect(
    screen
      .lines()
      .slice(3, 9)
      .map((line) => line.slice(0, 9).trim()),
  ).toEqual(['▲  pkg-10', '▲  pkg-11', '▲  pkg-12', '▲  pkg-13', '▲  pkg-14', 'pkg-1'])
  screen.press('g', 'h')
  expect(screen.text()).toContain('SFT: rollout 209 ✗ unresolved')
  screen.press('esc', 'c')
  expect(screen.text()).toContain('─ SFT against before ─')
})

test('keys that mean nothing now say why and are not in the footer', () => {
  const { screen } = open(reportOf([evaluation(1, 'before', 2)]))
  screen.press('5')
  expect(screen.press('c').text()).toContain('Not now: there is only one evaluation.')
  expect(screen.press('T').text()).toContain('Not now: open the tasks first (Enter).')
  expect(screen.lines().at(-1)).not.toContain('compare')
  screen.press('enter')
  expect(screen.press('v').text()).toContain('Not now: Esc goes back to the evaluations first.')
  expect(screen.press('T').text()).toContain('Not now: its task has no tree yet.')
  screen.press('j', 'j', 'j', 'j', 'T')
  expect(screen.shell.state().tab).toBe('tree')
})

test('y copies the report as Markdown, in the tasks the comparison; e shows it in the editor', () => {
  const { screen } = open()
  screen.press('5', 'y')
  expect(screen.copied[0]).toContain('| SFT+DPO | embedded SFT+DPO | 58.3 % [39, 76] (14 of 24) |')
  expect(screen.copied[0]).toContain('## SFT+DPO against before')
  expect(screen.copied[0]).toContain('| SWE-bench Lite, table 2 | SEAlign-14B | 17.7 % | 17 % | 22 % |')
  screen.press('enter', 'y', 'e')
  expect(screen.copied[1]).toMatch(/^## SFT\+DPO against before\n\n24 tasks: 12 better/)
  expect(screen.copied[1]).toContain('| better | pkg-3 | 0/1 (rollout 102) | 1/1 (rollout 302) |')
  expect(screen.edited).toEqual([screen.copied[1]])
})

test('while an evaluation runs, the task under the cursor stays under it', () => {
  const running = (ended: number) =>
    reportOf([
      evaluation(1, 'before', 2),
      evaluation(2, 'SFT', 9, { state: 'running', rollouts: 24 }, rollouts(2, 9).slice(0, ended)),
    ])
  const { screen, model } = open(running(3))
  screen.press('5', 'enter', 'j', 'j', 'j', 'j')
  const line = (): string | undefined => screen.lines().find((each) => each.includes('─ pkg-5 ─'))
  expect(screen.text()).toContain('SFT has not ended it yet')
  expect(line()).toBeDefined()
  model.setReport({ state: 'ready', value: running(20) })
  expect(line()).toBeDefined()
  expect(screen.text()).toContain('SFT: rollout 204 ✓ resolved')
})

test('the parts below turn with v, + gives them the whole pane', () => {
  const { screen } = open()
  screen.press('5', 'v')
  const at = (text: string): number => screen.text().indexOf(text)
  expect(at('UNRESOLVED')).toBeLessThan(at('the paper'))
  expect(at('UNRESOLVED')).toBeGreaterThan(0)
  screen.press('+')
  expect(screen.text()).not.toContain('RESOLVED         EMPTY')
  expect(screen.press('esc').text()).toContain('RESOLVED         EMPTY')
})
