import { describe, expect, test } from 'vitest'
import { rowCells, rowText } from '../../../views/paint/row.ts'
import { RolloutsPane } from '../../../views/rollouts/pane.ts'
import { TreePane } from '../../../views/tree/pane.ts'
import { Screen } from '../../flows/screen.ts'
import { ATTACKS } from '../paint/attacks.ts'
import { PlainModel } from '../plain-model.ts'
import { bashStep, LOOP, rolloutRow } from './live-model.ts'
import { NARROW, open, SIZES, WIDE } from './step-model.ts'

describe('what stands in its place', () => {
  test('an empty list says what to type', () => {
    const model = new PlainModel('s')
    model.setTasks([{ task: 'a', trajectories: 1, resolved: 0, nodes: 1, branching: 0, critical: 0, pairs: 0 }])
    const screen = new Screen(model, [new RolloutsPane(model), new TreePane(model)], NARROW)
    expect(screen.press('1').text()).toContain(':rollout start --tasks SET')
  })

  test.each([
    [{ state: 'loading', note: '3 of 9' }, 'Reading the rollouts… 3 of 9'],
    [{ state: 'error', message: 'The database is locked.', hint: 'Close it.' }, 'Error: The database is locked.'],
  ] as const)('%o is said', (rollouts, text) => {
    const model = new PlainModel('s')
    model.setTasks([{ task: 'a', trajectories: 1, resolved: 0, nodes: 1, branching: 0, critical: 0, pairs: 0 }])
    model.setRollouts(rollouts)
    expect(new Screen(model, [new RolloutsPane(model), new TreePane(model)], NARROW).press('1').text()).toContain(text)
  })

  test('a filter that matches nothing says so, and Esc clears it', () => {
    const { screen } = open(NARROW)
    screen.press('/').type('state:nothing').press('enter')
    expect(screen.text()).toContain('No rollout matches /state:nothing')
    expect(screen.press('esc').text()).toContain('dask-9349')
  })

  test('a lost job is said with what to do, in the pane and in the header', () => {
    const { screen, model } = open({ width: 100, height: 24 })
    const job = { policy: 'qwen', sandbox: 'docker', done: 3, total: 9, running: 2, grading: 0 }
    model.jobList = [
      { ...job, id: '7', state: 'running', heartbeatMs: model.nowMs },
      { ...job, id: '8', state: 'lost', heartbeatMs: model.nowMs - 130_000 },
    ]
    model.changed()
    expect(screen.lines()[2]).toBe(' ! job 8 is lost: no sign of life for 2m10s. :rollout resume 8')
    expect(screen.lines()[0]).toContain('job 8 lost')
  })

  test('a job that ends does not move the rows', () => {
    const { screen, model } = open({ width: 100, height: 24 })
    const job = { policy: 'qwen', sandbox: 'docker', done: 3, total: 9, running: 2, grading: 0, heartbeatMs: 0 }
    model.jobList = [1, 2].map((id) => ({ ...job, id: String(id), state: 'running' as const }))
    model.changed()
    const at = screen.lines().findIndex((line) => line.startsWith('TASK'))
    model.jobList = model.jobList.map((each) => ({ ...each, state: 'done' as const }))
    model.changed()
    expect(screen.lines().findIndex((line) => line.startsWith('TASK'))).toBe(at)
  })
})

test('hostile text reaches no row: not from a task, an action, a reply, a patch, a log or a nudge', () => {
  const control = /[\p{Cc}\p{Bidi_Control}\u200b\u{e0041}]/u
  for (const attack of ATTACKS) {
    const wide = `${attack}日本語`
    const step = bashStep(wide, `${wide}\n${wide}`)
    const row = rolloutRow(1, {
      task: wide,
      run: wide,
      action: wide,
      model: wide,
      phase: 'retry',
      phaseNote: wide,
      stuck: { ...LOOP, says: wide },
      trajectory: 1,
      job: wide,
    })
    const { model } = open(WIDE, [row])
    model.steps.set(1, [step, step])
    model.details.set(1, {
      live: wide,
      liveKind: 'output',
      nudges: [{ t: 1, text: wide, by: wide }],
      patch: `+${wide}`,
      verdict: {
        outcome: 'unresolved',
        reason: wide,
        says: wide,
        failToPass: { total: 1, passed: 0 },
        passToPass: { total: 0, passed: 0 },
        failed: [wide],
        log: wide,
        seconds: 1,
      },
    })
    model.jobList = [
      {
        id: wide,
        state: 'running',
        note: wide,
        policy: wide,
        sandbox: wide,
        done: 0,
        total: 1,
        running: 1,
        grading: 0,
        heartbeatMs: 0,
      },
    ]
    for (const size of SIZES) {
      const pane = new RolloutsPane(model)
      const inner = { width: size.width, height: size.height - 2 }
      for (const words of ['cursor next', 'group', 'group', 'open', 'unfold all', 'patch', 'tests']) {
        pane.run(words, inner)
        for (const line of pane.rows(inner)) {
          expect(rowText(line)).not.toMatch(control)
          expect(rowCells(line)).toBeLessThanOrEqual(inner.width)
        }
      }
    }
  }
})
