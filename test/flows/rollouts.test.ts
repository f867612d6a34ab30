import { describe, expect, test } from 'vitest'
import type { TrajectoryDraft } from '../../src/domain/trajectory.ts'
import type { RolloutRow, WorkbenchModel } from '../../views/model.ts'
import type { Size } from '../../views/pane.ts'
import { RolloutsPane } from '../../views/rollouts/pane.ts'
import { TreePane } from '../../views/tree/pane.ts'
import { bashStep, LiveModel, queuedRow, rolloutRow } from '../views/rollouts/live-model.ts'
import { RunModel } from '../views/tree/run-model.ts'
import { PlainModel } from '../views/plain-model.ts'
import { Screen } from './screen.ts'

const WIDE: Size = { width: 140, height: 40 }
const LOW: Size = { width: 80, height: 24 }
/** Ticks in which every running rollout makes one step. */
const STEP = 12

function open(size: Size, rollouts = 64): { screen: Screen; model: LiveModel } {
  const model = new LiveModel(rollouts)
  return { screen: new Screen(model, [new RolloutsPane(model), new TreePane(model)], size), model }
}

function pass(model: LiveModel, ticks: number): void {
  for (let tick = 0; tick < ticks; tick++) model.tick(100)
}

describe('64 rollouts that live', () => {
  test('a session without trees opens at its rollouts', () => {
    expect(open(WIDE).screen.lines()[0]).toContain('1 Rollouts')
    expect(open(WIDE).screen.text()).toContain('LAST ACTION')
  })

  test('rows stay where they are from the first step to the last verdict', () => {
    const { screen, model } = open(WIDE)
    const names = (): string[] => screen.lines().map((line) => line.slice(0, 19))
    const before = names().slice(3, 30)
    for (let part = 0; part < 6; part++) {
      pass(model, STEP * 6)
      expect(names().slice(3, 30)).toEqual(before)
    }
    expect(screen.text()).toMatch(/✓ resolved.*bash/)
    expect(screen.text()).toMatch(/✗ unresolved.*turn-limit/)
  })

  test('between two frames only figures that changed are other ones', () => {
    const { screen, model } = open({ width: 110, height: 30 })
    pass(model, STEP * 3)
    const before = screen.lines()
    model.tick(100)
    const after = screen.lines()
    const changed = after.filter((line, y) => line !== before[y])
    expect(changed.length).toBeLessThan(after.length / 2)
    expect(after[2]).toBe(before[2])
  })

  test('clocks of all rows tick together, once a second', () => {
    const { screen, model } = open(WIDE, 20)
    model.nowMs += 1_000 - (model.nowMs % 1_000)
    const frame = (): string => screen.text()
    const before = frame()
    model.nowMs += 999
    expect(frame()).toBe(before)
    model.nowMs += 1
    expect(frame()).not.toBe(before)
  })

  test('the header counts what runs and what is stuck', () => {
    const { screen, model } = open(WIDE)
    pass(model, STEP * 12)
    expect(screen.lines()[0]).toMatch(/\d+ running · \d+ stuck/)
    screen.press('/').type('state:stuck').press('enter')
    const listed = screen.lines().filter((line) => line.slice(0, 60).includes('⟳ stuck'))
    expect(listed.length).toBeGreaterThan(3)
    expect(screen.text()).toMatch(/\/state:stuck · \d+ of 64/)
  })

  test('a transcript that is followed ends with what arrives; scrolled up it stands still, f follows again', () => {
    const { screen, model } = open(LOW)
    screen.press('enter')
    pass(model, STEP * 8 + 6)
    expect(screen.text()).toContain('following')
    expect(screen.lines().slice(-6).join('\n')).toContain('stored mask')
    screen.press(...Array.from({ length: 24 }, () => 'k'))
    const stands = (): string[] => screen.lines().slice(7, 22)
    const before = stands()
    pass(model, STEP * 4)
    expect(stands()).toEqual(before)
    expect(screen.text()).toContain('f follows')
    expect(screen.lines().at(-1)).toContain('f follow')
    screen.press('f')
    expect(screen.text()).toContain('following')
    expect(stands()).not.toEqual(before)
  })

  test('the loop of a stuck rollout is marked in its transcript, the steps around it are not', () => {
    const { screen, model } = open({ width: 140, height: 60 })
    pass(model, STEP * 12)
    screen.press('/').type('state:stuck').press('enter')
    const marked = screen
      .lines()
      .map((line) => /(⟳┐|⟳ )[▸▾] +(\d+) bash/.exec(line))
      .filter((found) => found !== null)
    expect(marked.map(([, mark, t]) => `${mark?.trim()}${t}`)).toEqual(['⟳┐7', '⟳8', '⟳┐9', '⟳10'])
    expect(screen.text()).toContain('⟳ stuck? steps 7–10 ×2 (2 a round) · nudged')
    expect(screen.text()).toMatch(/│ {3}▸ {2}6 bash/)
  })

  test('J and K walk through the rollouts from within the detail', () => {
    const { screen } = open(LOW)
    screen.press('enter', 'J', 'J')
    expect(screen.lines()[1]).toContain('run 3')
    expect(screen.press('K').lines()[1]).toContain('run 2')
  })

  test('sorted by steps the rows stand still, O sorts anew', () => {
    const { screen, model } = open(LOW, 12)
    pass(model, STEP * 2)
    screen.press('o', 'o')
    const names = (): string[] =>
      screen
        .lines()
        .slice(4, 16)
        .map((line) => line.slice(0, 22))
    const before = names()
    pass(model, STEP * 3 + 5)
    expect(names()).toEqual(before)
    expect(screen.lines()[1]).toContain('by steps')
    screen.press('O')
    const steps = screen
      .lines()
      .slice(4, 16)
      .map((line) => Number(/(\d+)\/30/.exec(line)?.[1]))
    expect(steps).toEqual(steps.toSorted((a, b) => b - a))
  })
})

/** Trees of stored runs beside rollouts. */
class Both extends RunModel {
  readonly #plain = new PlainModel('plain')

  constructor(drafts: readonly TrajectoryDraft[], rows: readonly RolloutRow[]) {
    super('both', drafts)
    this.#plain.setRollouts(rows)
  }

  override rollouts(): ReturnType<WorkbenchModel['rollouts']> {
    return this.#plain.rollouts()
  }
}

describe('from a rollout to its tree', () => {
  const draft = (task: string): TrajectoryDraft => ({
    task,
    prompt: [],
    steps: [bashStep(`look at ${task}`, 'seen')],
    outcome: 'resolved',
  })
  const rows = [
    rolloutRow(1, { task: 'alpha', run: '1' }),
    rolloutRow(2, { task: 'beta', run: '1' }),
    { ...queuedRow(3), task: 'gamma', run: '1' },
  ]

  function both(): Screen {
    const model = new Both([draft('alpha'), draft('beta')], rows)
    return new Screen(model, [new RolloutsPane(model), new TreePane(model)], WIDE)
  }

  test('T opens the tree of its task, whatever was open or filtered there', () => {
    const screen = both()
    screen.press('2', '/').type('alpha').press('enter', 'enter', 't')
    screen.press('1', 'j', 'T')
    expect(screen.text()).toContain('bash look at beta')
    expect(screen.shell.state().tab).toBe('tree')
    expect(screen.press('esc').text()).toContain('beta')
  })

  test('a task without a tree says so', () => {
    expect(both().press('1', 'j', 'j', 'T').text()).toContain('Not now: its task has no tree yet.')
  })

  test('a session with trees opens at its trees, and the first rollouts do not take that away', () => {
    const screen = both()
    expect(screen.shell.state().tab).toBe('tree')
  })
})
