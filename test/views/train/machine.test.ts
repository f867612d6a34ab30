import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../src/training/run-event.ts'
import { rowCells, rowText } from '../../../views/paint/row.ts'
import type { RunRow } from '../../../views/run-model.ts'
import type { Size } from '../../../views/pane.ts'
import { gpuFigure, gpuRows } from '../../../views/train/gpu-text.ts'
import { TrainPane } from '../../../views/train/pane.ts'
import { TreePane } from '../../../views/tree/pane.ts'
import { speedRow } from '../../../views/train/speed-row.ts'
import { Screen } from '../../flows/screen.ts'
import { ATTACKS } from '../paint/attacks.ts'
import { PlainModel } from '../plain-model.ts'
import { dpoEvaluation, dpoStep, gpuEvent, heard, torchStart } from './torch-run.ts'
import { PAIR_VIEWS, runRow } from './training-model.ts'

const WIDE: Size = { width: 160, height: 50 }
const MARGINS = [0.5, -0.4, 0.3, -0.1]

/** A model with pairs and a log. */
class TorchModel extends PlainModel {
  lines: readonly string[] = []

  override pairs(): ReturnType<PlainModel['pairs']> {
    return { state: 'ready', value: PAIR_VIEWS }
  }

  runLog(): { first: number; lines: readonly string[] } {
    return { first: 0, lines: this.lines }
  }
}

function torchRow(change: Partial<RunRow> = {}): RunRow {
  const { progress } = heard([torchStart('dpo', 300), dpoStep(1, 0.69), gpuEvent(1)])
  const gpu = progress.gpu
  return runRow('r1', {
    trainer: 'torch',
    parameters: 7_615_616_512,
    trainable: 161_480_704,
    dtype: 'bfloat16',
    backend: 'NVIDIA H200, flex attention',
    world: 2,
    tokens: { logical: 9_100, packed: 1_000, loss: 80 },
    speed: progress.speed,
    memoryEstimate: 88 * 2 ** 30,
    ...(gpu && { gpu: { ...gpu, atMs: Date.UTC(2026, 0, 1) } }),
    ...change,
  })
}

function events(): RunEvent[] {
  const steps = Array.from({ length: 60 }, (_, at) =>
    dpoStep(at + 1, at === 40 ? 4 : 0.6 + 0.01 * Math.sin(at), MARGINS),
  )
  return [torchStart('dpo', 300), dpoEvaluation(0, 0.25), gpuEvent(2), ...steps, gpuEvent(2), dpoEvaluation(60, 0.75)]
}

function open(size: Size = WIDE, change: Partial<RunRow> = {}): { screen: Screen; model: TorchModel; pane: TrainPane } {
  const model = new TorchModel('torch')
  model.setTasks([{ task: 'a', trajectories: 1, resolved: 0, nodes: 1, branching: 0, critical: 0, pairs: 0 }])
  model.figures.set('r1', heard(events()).curves.figures())
  model.setRuns([torchRow(change)])
  const pane = new TrainPane(model, {})
  return { screen: new Screen(model, [new TreePane(model), pane], size).press('4'), model, pane }
}

describe('what the machine does', () => {
  test('a line says how fast the run is and what that takes', () => {
    expect(rowText(speedRow(torchRow(), 250)).trimEnd()).toBe(
      ' MFU 41.0 % · 38.20k tok/s packed, 301.0k logical · shares 9.1× · peak 97.1 GiB (estimate 88.0) · trains 161.5M of 7.616G · bfloat16 · 2 processes · NVIDIA H200, flex attention',
    )
  })

  test('each GPU has a part of a line; more than fit are one line; what nvidia-smi does not say is left out', () => {
    const row = (count: number, change = {}) => torchRow({ gpu: { atMs: 0, gpus: gpuEvent(count, change).gpus } })
    const text = (of: RunRow, width: number, lines: number) =>
      gpuRows(of, 0, width, lines).map((each) => rowText(each).trimEnd())
    expect(text(row(1), 80, 1)).toEqual([' GPU 0 ███████░  90 %  97.0/140.0 GiB  60 °C  600/700 W  H200'])
    expect(text(row(3), 160, 2)).toHaveLength(2)
    expect(text(row(8), 120, 2)).toEqual([
      ' 8 GPUs 90–97 % busy  97.0–104.0 of 140.0 GiB  60–67 °C  600 of 700 W  H200',
    ])
    const silent = { utilization: null, power: null, temperature: null, memoryTotalBytes: null }
    expect(text(row(1, silent), 80, 1)).toEqual([' GPU 0 97.0 GiB  H200'])
    expect(text(torchRow({ gpu: { atMs: 0, gpus: [] } }), 80, 1)).toEqual([])
  })

  test('readings older than thirty seconds are marked, and no longer in the top line', () => {
    const { screen, model } = open()
    expect(screen.lines()[0]).toContain('GPU 90 % 97/140 GiB')
    expect(screen.text()).not.toContain('! read ')
    model.nowMs += 31_000
    expect(screen.text()).toContain('! read 31s ago')
    expect(screen.lines()[0]).not.toContain('GPU 90 %')
    expect(gpuFigure([torchRow({ state: 'done' })], Date.UTC(2026, 0, 1))).toBeUndefined()
  })

  test('u shows them over time, with the cursor where the step under it was', () => {
    const { screen } = open()
    screen.press('u')
    for (const title of ['utilisation %', 'memory GiB', 'power W', 'temperature °C'])
      expect(screen.text()).toContain(title)
    expect(screen.text()).toMatch(/utilisation % +a GPU 0 90 +b GPU 1 91/)
    expect(screen.press('j', 'enter').text()).toContain('›memory GiB')
    expect(screen.lines().filter((line) => line.includes('└'))).toHaveLength(1)
    screen.press('h', 'y')
    expect(screen.copied[0]?.split('\n')[0]).toBe('metric\tcurve\tsecond\tvalue')
    expect(screen.press('esc', 'esc').text()).toContain('›loss')
  })

  test('a run that says nothing of its machine looks as if there were none', () => {
    const model = new TorchModel('external')
    model.setTasks([{ task: 'a', trajectories: 1, resolved: 0, nodes: 1, branching: 0, critical: 0, pairs: 0 }])
    model.figures.set('r1', heard([{ ...torchStart('dpo', 9), world: 1 }, dpoStep(5, 0.5)]).curves.figures())
    const {
      backend: _b,
      parameters: _p,
      epoch: _e,
      ...row
    } = runRow('r1', { trainer: 'external', dataset: '', pairs: 0, trajectories: 0, best: [], model: '/out' })
    model.setRuns([row])
    const screen = new Screen(model, [new TreePane(model), new TrainPane(model, {})], WIDE).press('4')
    expect(screen.text()).not.toMatch(/GPU|MFU|0 pairs|0 trajectories|GiB/)
    expect(screen.press('u').text()).toContain('Not now: nothing is known of its GPUs.')
    expect(screen.press('d').text()).toContain('Not now: no evaluation tells pairs apart by depth.')
    expect(screen.press('w').text()).toContain('Not now: no pair keeps a negative margin.')
    expect(screen.press('r').text()).not.toMatch(/dataset|parameters|trained of them|processes/)
  })
})

describe('evaluations by depth', () => {
  test('d shows the newest, h the one before, y all of them', () => {
    const { screen } = open()
    screen.press('d')
    expect(screen.text()).toContain('dpo step 60 (60 over all stages) · evaluation 2 of 2 · 7 held-out pairs')
    expect(screen.text()).toMatch(/ 0 +4 +█+░+ +75 % +0\.8000 +▁█/)
    expect(screen.text()).toMatch(/ 1–9 +3 +·+ +– +-0\.2000/)
    expect(screen.text()).toMatch(/ all +7 +█+░+ +75 %/)
    expect(screen.press('h').text()).toContain('dpo step 0 (0 over all stages) · evaluation 1 of 2')
    expect(screen.press('l').text()).toContain('evaluation 2 of 2')
    screen.press('y')
    expect(screen.copied[0]?.split('\n')).toHaveLength(1 + 4)
  })
})

describe('pairs preferred the wrong way round', () => {
  test('w lists them, worst first; R sends the chosen one back to review', () => {
    const { screen } = open()
    expect(screen.text()).toContain('2 pairs keep a negative margin')
    screen.press('w')
    expect(screen.text()).toContain('2 pairs preferred the wrong way round')
    const lines = screen.lines().filter((line) => /of 59/.test(line))
    expect(lines.map((line) => /-0\.\d+/.exec(line)?.[0])).toEqual(['-0.4000', '-0.1000'])
    screen.press('j', 'R')
    expect(screen.ran).toEqual(['pair reopen p3 --run r1'])
  })

  test('marked ones, or all, go back together, and what was done is said', async () => {
    const { screen } = open()
    screen.press('w', '*')
    expect(screen.text()).toContain('2 marked')
    screen.press('R')
    await new Promise((resolve) => setImmediate(resolve))
    expect(screen.ran).toEqual(['pair reopen p1 p3 --run r1'])
    expect(screen.text()).toContain('2 pairs are pending again and flagged.')
    expect(screen.text()).not.toContain('marked ·')
    screen.press('space')
    expect(screen.text()).toContain('1 marked')
    expect(screen.press('esc').text()).not.toContain('marked ·')
    expect(screen.press('esc').text()).toContain('›loss')
  })

  test('Enter goes to the pair; R works on a batch, too, and nowhere else', () => {
    const { screen } = open()
    expect(screen.press('R').text()).toContain('Not now: w lists the pairs first.')
    screen.press('t', 'j', 'enter', 'j', 'R')
    expect(screen.ran).toEqual(['pair reopen p1 --run r1'])
  })

  test('the cursor stays with its pair while others come and go', () => {
    const { screen, model } = open()
    screen.press('w', 'j')
    const worse = Array.from({ length: 3 }, (_, at) => dpoStep(61 + at, 0.6, [-9, -0.4, 0.3, -0.1]))
    model.figures.set('r1', heard([...events(), ...worse]).curves.figures())
    expect(screen.text()).toContain('3 pairs preferred')
    screen.press('R')
    expect(screen.ran).toEqual(['pair reopen p3 --run r1'])
  })
})

describe('a loss that stands out', () => {
  test('is said, marked on the axis, and found by !; Enter in the step table opens its batch', () => {
    const { screen } = open()
    expect(
      screen
        .lines()
        .filter((line) => line.includes('└'))
        .join(''),
    ).toContain('▲')
    screen.press('r')
    expect(screen.text()).toContain('the loss of step 41 stands out: loss 4 after a median of 0.6')
    expect(screen.press('!').text()).toContain('at step 41 (dpo 41)')
    screen.press('t', 'enter')
    expect(screen.text()).toContain('dpo step 41 (41 over all stages) · loss 4 · learnt from 4 pairs')
  })
})

describe('the log of its process', () => {
  test('v follows its end; k stops following, G follows again', () => {
    const { screen, model } = open()
    model.lines = Array.from({ length: 100 }, (_, at) => `line ${at}`)
    expect(screen.press('v').text()).toMatch(/–100 of 100 · follows/)
    screen.press('k')
    expect(screen.text()).toMatch(/–99 of 100 · G follows/)
    model.lines = [...model.lines, 'line 100']
    expect(screen.text()).toMatch(/–99 of 101 · G follows/)
    expect(screen.press('G').text()).toContain(' line 100')
    expect(screen.press('g').text()).toContain('1–')
    expect(screen.press('v').text()).toContain('›loss')
  })
})

test('a changes what the charts lie over, and says so', () => {
  const { screen } = open()
  expect(screen.press('a').text()).toContain('over passes')
  expect(screen.press('a').text()).toContain('over time')
  expect(screen.text()).toMatch(/└0─+.*\d+s/)
  expect(screen.press('a').text()).not.toContain('over ')
})

test.each([
  { width: 60, height: 16 },
  { width: 80, height: 24 },
  { width: 160, height: 50 },
  { width: 250, height: 80 },
])('every view fills $width×$height and no more, whatever names are like', (size) => {
  for (const at of [0, 1, 2]) {
    const attacks = ATTACKS.filter((_, index) => index % 3 === at).join('')
    const name = `${attacks}日本${'x'.repeat(300)}`
    const gpu = { atMs: 0, gpus: gpuEvent(8, { name }).gpus }
    const { pane, model } = open(size, { name, backend: name, dtype: name, note: name, hint: name, model: name, gpu })
    model.lines = [name, name]
    const inner = { width: size.width, height: size.height - 2 }
    for (const words of [
      'open',
      'open',
      'gpus',
      'open',
      'back',
      'depth',
      'wrong',
      'mark all',
      'job log',
      'runs',
      'page next',
      'back',
      'axis',
      'spike',
      'steps',
      'open',
    ]) {
      pane.run(words, inner)
      const rows = pane.rows(inner)
      expect(rows.length).toBe(inner.height)
      for (const row of rows) expect(rowCells(row)).toBe(inner.width)
    }
  }
})

test('a frame costs the same whatever the number of margins, and reads no log that is not seen', () => {
  const { pane, model } = open()
  const steps = Array.from({ length: 2_000 }, (_, at) =>
    dpoStep(
      at + 1,
      0.6,
      Array.from({ length: 32 }, (_x, k) => k - 16),
    ),
  )
  model.figures.set('r1', heard([torchStart('dpo', 2_000), ...steps]).curves.figures())
  model.runLog = () => {
    throw new Error('read')
  }
  pane.rows(WIDE)
  pane.run('wrong', WIDE)
  const start = performance.now()
  for (let frame = 0; frame < 20; frame++) pane.rows(WIDE)
  expect((performance.now() - start) / 20).toBeLessThan(10)
})
