import { describe, expect, test } from 'vitest'
import { createPairsPane } from '../../views/pairs/pane.ts'
import type { Size } from '../../views/pane.ts'
import { TrainPane } from '../../views/train/pane.ts'
import { TreePane } from '../../views/tree/pane.ts'
import { TrainingModel } from '../views/train/training-model.ts'
import { Screen } from './screen.ts'

const WIDE: Size = { width: 140, height: 40 }
const LOW: Size = { width: 80, height: 24 }

function open(size: Size, steps = 240): { screen: Screen; model: TrainingModel } {
  const model = new TrainingModel(steps)
  const panes = [
    new TreePane(model),
    createPairsPane({ model, reviewer: 'me', later: () => () => undefined }),
    new TrainPane(model, {}),
  ]
  return { screen: new Screen(model, panes, size).press('4'), model }
}

const value = (screen: Screen, chart: string): string =>
  new RegExp(`[› ]${chart} +(?:a train )?(-?[\\d.e-]+k?)`).exec(screen.text())?.[1] ?? ''

describe('watching a run', () => {
  test('the newest values follow the run; a cursor stands still and $ follows again', () => {
    const { screen, model } = open(WIDE)
    const before = value(screen, 'loss')
    model.tick(100)
    expect(value(screen, 'loss')).not.toBe(before)
    screen.press('h', 'h')
    const step = /at step (\d+) \(dpo \d+\)/.exec(screen.text())?.[1]
    expect(Number(step)).toBeLessThan(240)
    const held = value(screen, 'loss')
    model.tick(100)
    expect(value(screen, 'loss')).toBe(held)
    screen.press('>')
    expect(screen.text()).toContain(`at step ${Number(step) + 1} `)
    expect(screen.press('0').text()).toContain('at step 1 (sft 1)')
    expect(screen.press('$').text()).not.toContain('at step')
  })

  test('s smooths, L is logarithmic, Enter and + open one chart, j goes to the next one, Esc goes back', () => {
    const { screen } = open(WIDE)
    expect(screen.press('s', 's').text()).toContain('smooth 0.9')
    expect(screen.press('L').text()).toContain('log')
    screen.press('j', 'enter')
    expect(screen.text()).toContain('chart 2 of 9')
    expect(screen.lines().filter((line) => line.includes('└'))).toHaveLength(1)
    expect(screen.press('j').text()).toContain('›rewards/accuracies')
    expect(
      screen
        .press('esc')
        .lines()
        .filter((line) => line.includes('└')),
    ).toHaveLength(3)
    expect(screen.press('+').text()).toContain('chart 3 of 9')
  })

  test('pages turn with n and p, and the chosen chart brings its page', () => {
    const { screen } = open(LOW)
    expect(screen.text()).toContain('page 1 of 3')
    expect(screen.press('n').text()).toContain('›learning_rate')
    expect(screen.press('p', 'p').text()).toContain('›entropy')
    expect(screen.press(']').text()).toContain('›loss')
    expect(screen.press('j', 'j', 'j', 'j').text()).toContain('page 2 of 3')
  })

  test('/ keeps the metrics a regular expression matches', () => {
    const { screen } = open(WIDE)
    screen.press('/').type('^rewards').press('enter')
    expect(screen.text()).toContain('/^rewards · 3 of 9')
    expect(screen.text()).not.toContain('grad_norm')
    screen.press('/').type('xyz').press('enter')
    expect(screen.text()).toContain('No metric matches /^rewardsxyz')
    expect(screen.press('esc').text()).toContain('grad_norm')
  })

  test('o lays the other runs over the charts, or only the marked ones', () => {
    const { screen } = open({ width: 200, height: 50 })
    expect(screen.press('o').text()).toContain('+ r3 r2 r1')
    screen.press('J', 'space', 'K')
    expect(screen.text()).toContain('+ r3')
    expect(screen.text()).not.toContain('+ r3 r2')
    expect(screen.text()).toMatch(/›loss {2}a train [\d.]+ {2}b eval [\d.]+ {2}c r3 [\d.]+/)
    expect(screen.lines().some((line) => line.startsWith(' ●r3'))).toBe(true)
    expect(screen.press('o').text()).not.toContain('c r3')
  })

  test('y copies the values at the cursor, e opens every step, both tab-separated', () => {
    const { screen } = open(WIDE)
    screen.press('0', 'y', 'e')
    expect(screen.copied[0]?.split('\n').slice(0, 2)).toEqual([
      'metric\tcurve\tstep\tvalue',
      expect.stringMatching(/^loss\ttrain\t1\t1\.94/),
    ])
    expect(screen.edited[0]?.split('\n')[0]).toMatch(/^x\tstage\tstep\tkind\tepoch\tloss\t/)
    expect(screen.edited[0]?.split('\n')).toHaveLength(1 + 240 + 12)
  })
})

describe('asking something of a run', () => {
  test('P pauses and goes on, X stops only when pressed twice', () => {
    const { screen } = open(WIDE)
    screen.press('P', 'X')
    expect(screen.ran).toEqual(['train pause r4'])
  })

  test('X twice stops; any key between forgets it', async () => {
    const { screen } = open(WIDE)
    expect(screen.press('X').text()).toContain('X again stops r4')
    screen.press('s', 'X')
    expect(screen.ran).toEqual([])
    screen.press('X')
    expect(screen.ran).toEqual(['train stop r4'])
    await Promise.resolve()
  })

  test('what has ended is neither paused nor stopped; what failed can be resumed', () => {
    const { screen } = open(WIDE)
    expect(screen.press('J', 'X').text()).toContain('Not now: the run has ended.')
    expect(screen.press('P').text()).toContain('Not now: the run is done.')
    screen.press('J', 'P')
    expect(screen.ran).toEqual(['train resume r2'])
  })
})

describe('from a step to what it learnt from', () => {
  test('t opens the table at the step under the cursor; Enter its pairs; Enter again the pair in its queue', () => {
    const { screen } = open(WIDE)
    screen.press('h', 't')
    expect(screen.text()).toContain('▼STEP')
    screen.press('j', 'enter')
    expect(screen.text()).toMatch(/dpo step \d+ \(\d+ over all stages\) · loss 0\.\d+ · learnt from 8 pairs/)
    screen.press('j', 'enter')
    expect(screen.shell.state().tab).toBe('pairs')
    expect(screen.text()).toMatch(/Pair \d+ of 24 · task-\d/)
    screen.press('4', 'esc')
    expect(screen.text()).toContain('▼STEP')
    expect(screen.press('esc').text()).toContain('at step')
  })

  test('a filter of the pairs pane does not hide the pair that is gone to', () => {
    const { screen } = open(WIDE)
    screen.press('3', '/').type('status = rejected').press('enter')
    expect(screen.text()).toContain('None of 24 pairs')
    screen.press('4', 't', 'j', 'enter', 'enter')
    expect(screen.text()).toMatch(/Pair \d+ of \d+ · task-\d/)
  })

  test('trajectories of an sft step lead to their tree', () => {
    const { screen } = open(WIDE, 60)
    screen.press('t', 'j', 'enter')
    expect(screen.text()).toContain('learnt from 4 trajectories')
    expect(screen.text()).toMatch(/task-\d +#\d+ +resolved/)
    screen.press('enter')
    expect(screen.shell.state().tab).toBe('tree')
  })

  test('what the session no longer holds says so', () => {
    const { screen, model } = open(WIDE, 60)
    model.learnt.clear()
    screen.press('t', 'j', 'enter', 'enter')
    expect(screen.text()).toContain('This trajectory is no longer in the session.')
  })

  test('an evaluation learns from nothing', () => {
    const { screen } = open(WIDE)
    expect(screen.press('t', 'enter').text()).toContain('An evaluation learns from nothing.')
  })

  test('the table stays with the newest step at its top, and on a step elsewhere; o turns it round', () => {
    const { screen, model } = open(LOW, 245)
    screen.press('t')
    const selected = (): string =>
      screen.shell
        .frame()
        .flatMap(({ rows }) => rows)
        .find((row) => row.some(({ selected: is, text }) => is === true && /^ *\d+$/.test(text)))?.[0]
        ?.text.trim() ?? ''
    expect(selected()).toBe('245')
    model.tick(100)
    expect(selected()).toBe('246')
    screen.press('j', 'j')
    model.tick(100)
    expect(selected()).toBe('244')
    screen.press('o', 'g')
    expect([selected(), screen.text().includes('▲STEP')]).toEqual(['1', true])
  })
})

describe('the list of runs', () => {
  test('r shows every run with its settings and warnings, j goes through them, Enter opens the charts of one', () => {
    const { screen, model } = open(WIDE)
    for (let tick = 0; tick < 6; tick++) model.tick(100)
    screen.press('r')
    expect(screen.text()).toContain('! step 12: 2 pairs were dropped: their sides are the same.')
    expect(screen.text()).toMatch(/dpo beta +0\.1/)
    screen.press('j', 'j', 'y')
    expect(screen.copied[0]?.split('\n')).toHaveLength(5)
    expect(screen.press('enter').text()).toContain('the disk is full')
  })
})
