import { describe, expect, test } from 'vitest'
import { rowCells, rowText } from '../../../views/paint/row.ts'
import type { RunFigures, StepFigures } from '../../../views/run-model.ts'
import type { Size } from '../../../views/pane.ts'
import { TrainPane } from '../../../views/train/pane.ts'
import { TreePane } from '../../../views/tree/pane.ts'
import { Screen } from '../../flows/screen.ts'
import { ATTACKS } from '../paint/attacks.ts'
import { PlainModel } from '../plain-model.ts'
import { figuresOf, generatedSteps, runRow, TrainingModel } from './training-model.ts'

const SIZES: readonly Size[] = [
  { width: 60, height: 16 },
  { width: 80, height: 24 },
  { width: 120, height: 36 },
  { width: 200, height: 50 },
]
const [NARROW = { width: 60, height: 16 }, LOW = { width: 80, height: 24 }, WIDE = { width: 120, height: 36 }] = SIZES

function open(size: Size, model: PlainModel = new TrainingModel()): Screen {
  return new Screen(model, [new TreePane(model), new TrainPane(model, {})], size).press('4')
}

function sessionWithTrees(): PlainModel {
  const model = new PlainModel('s')
  model.setTasks([{ task: 'a', trajectories: 1, resolved: 0, nodes: 1, branching: 0, critical: 0, pairs: 0 }])
  return model
}

/** Titles of the charts on a screen of 200 columns, which holds three side by side. */
function titles(screen: Screen): string[] {
  const lines = screen.lines()
  const tops = lines.flatMap((line, at) => (/[┤│]/.test(line) && !/[┤│]/.test(lines[at - 1] ?? '') ? [at - 1] : []))
  const starts = [0, 67, 134].map((x) => x + 1)
  return tops
    .flatMap((at) => starts.map((x) => (lines[at] ?? '').slice(x).split(' ')[0] ?? ''))
    .filter((name) => name !== '')
}

describe('what stands in its place', () => {
  test('without a run it says what to type', () => {
    expect(open(NARROW, sessionWithTrees()).text()).toContain(':train start')
    expect(open(NARROW, sessionWithTrees()).press('P').text()).toContain('Not now: there is no run yet.')
  })

  test.each([
    [{ state: 'loading', note: '2 of 3' }, 'Reading the runs… 2 of 3'],
    [{ state: 'error', message: 'The database is locked.', hint: 'Close it.' }, 'Error: The database is locked.'],
  ] as const)('%o is said', (runs, text) => {
    const model = sessionWithTrees()
    model.setRuns(runs)
    expect(open(NARROW, model).text()).toContain(text)
  })

  test('a run that has said nothing yet tells what it is at', () => {
    const model = sessionWithTrees()
    model.setRuns([runRow('r1', { step: 0, totalSteps: 0, phase: 'load', best: [] })])
    expect(open(NARROW, model).text()).toContain('The trainer has not said any figure yet. It is at: load.')
    expect(open(NARROW, model).press('t').text()).toContain('No step yet.')
  })
})

describe('the screen', () => {
  test.each(SIZES)('fills $width×$height and no more, in every view', (size) => {
    const model = new TrainingModel()
    const pane = new TrainPane(model, {})
    const inner = { width: size.width, height: size.height - 2 }
    for (const words of [
      'cursor next',
      'read back',
      'smooth',
      'log',
      'overlay',
      'page next',
      'open',
      'open',
      'steps',
      'cursor next',
      'open',
      'back',
      'back',
      'runs',
      'cursor next',
    ]) {
      pane.run(words, inner)
      const rows = pane.rows(inner)
      expect(rows.length).toBe(inner.height)
      for (const row of rows) expect(rowCells(row)).toBe(inner.width)
    }
  })

  test('one chart at 60×16, more where there is room, all nine on a large one', () => {
    const counts = SIZES.map(
      (size) =>
        open(size)
          .lines()
          .filter((line) => /└0/.test(line)).length,
    )
    const beside = SIZES.map(
      (size) =>
        (
          open(size)
            .lines()
            .find((line) => line.includes('└0'))
            ?.match(/└/g) ?? []
        ).length,
    )
    expect(beside).toEqual([1, 2, 3, 3])
    expect(counts).toEqual([1, 2, 3, 3])
  })

  test('at 80×24 it shows the run, how far it is, what to know, and four charts', () => {
    expect(open(LOW).lines().slice(0, 15)).toMatchInlineSnapshot(`
      [
        "sealign ─ training ─  2 Tree   4 Train                     training dpo 240/420",
        "  RUN   NAME              STATE      STAGE         STEP    ETA  BEST HELD-OUT L…",
        "› r4    small-r4          ▶ running  dpo        240/420    45s  sft 0.4120 @100",
        " ███████░░░░░  57 % 1m35s · ETA 45s · epoch 1.20 · train · wasm     page 1 of 3",
        " ✓ dpo starts at ln 2 (0.6931) · best sft 0.4120 @100 · 24 pairs, 30 trajectori…",
        "›loss  a train 0.3119  b eval 0.3244      rewards/margins a 2.017 b 2.098",
        "      2┤⢻⡄          ┆dpo                       2┤            ┆dpo       ⣄a",
        "       │ ⢱⣄         ┆                           │            ┆      ⢀a⡿⠿⠙⠃",
        "       │ ⠈⠻⣢⡀       ┆                           │            ┆     ⣼⣿⠙⠁",
        "      1┤   ⠛⢳⣀      ┆                           │            ┆   ⢠⠿⠃",
        "       │    a⠛⣶⣧⣤⣀⡀⢀┆                           │            ┆ ⢀⡾⠏",
        "       │       ⠈⠉⠻⠹⠟b⠛⠟⠶⢤⣠⣀⣀                    │            ┆⢠⠻⠁",
        "       │            ┆     ⠉⠉a⠛⠛⠟a              0┤            ⢸⠟",
        "       └0─────────100───────200─────300         └0─────────100───────200─────300",
        " rewards/accuracies a 0.8301 b 0.8633     rewards a 0.2568 b -1.760",
      ]
    `)
  })

  test('says in the header what trains, and wakes once a second while it does', () => {
    const model = new TrainingModel(240)
    const pane = new TrainPane(model, {})
    expect(pane.attention()).toBe('training dpo 240/420')
    model.nowMs += 250
    expect(pane.wakeAfter()).toBe(750)
    model.setRuns([runRow('r1', { state: 'paused', stage: 'sft', step: 12 }), runRow('r0', { state: 'lost' })])
    expect(pane.attention()).toBe('training paused sft 12/420 · run r0 lost')
    expect(pane.wakeAfter()).toBeUndefined()
  })

  test('a run that goes on moves neither lines nor axes with every step', () => {
    const model = new TrainingModel(151)
    const screen = open(WIDE, model)
    const axes = (): string[] =>
      screen
        .lines()
        .slice(7)
        .map((line) => line.slice(0, 8))
        .concat(screen.lines().filter((line) => line.includes('└0')))
    const before = axes()
    for (let step = 0; step < 8; step++) model.tick(100)
    expect(axes()).toEqual(before)
  })

  test('columns of the list stay where they are, and a failed run says why', () => {
    const screen = open(WIDE)
    expect(screen.lines()[4]).toMatch(/r2 .*! failed/)
    expect(screen.press('J', 'J').text()).toContain('the disk is full')
  })
})

describe('what is expensive is done for what is seen only', () => {
  const METRICS = Array.from({ length: 12 }, (_, at) => `metric_${at}`)

  function longRun(steps: number): { model: PlainModel; asked: string[] } {
    const asked: string[] = []
    const figures = figuresOf(
      Array.from(
        { length: steps },
        (_, at): StepFigures => ({
          x: at + 1,
          stage: 'sft',
          step: at + 1,
          kind: 'step',
          metrics: Object.fromEntries(METRICS.map((name, index) => [name, Math.sin(at / 50 + index)])),
          batch: ['t1'],
        }),
      ),
    )
    const model = sessionWithTrees()
    model.figures.set('r1', { ...figures, series: (name) => (asked.push(name), figures.series(name)) })
    model.setRuns([runRow('r1', { step: steps, totalSteps: steps })])
    return { model, asked }
  }

  test('10,000 steps × 12 metrics: a frame reads the charts of its page, each once', () => {
    const { model, asked } = longRun(10_000)
    const pane = new TrainPane(model, {})
    pane.rows({ width: 80, height: 22 })
    expect(asked).toEqual(METRICS.slice(0, 4))
    const frames = (of: PlainModel): number => {
      const long = new TrainPane(of, {})
      long.rows({ width: 200, height: 48 })
      const start = performance.now()
      for (let frame = 0; frame < 10; frame++) long.rows({ width: 200, height: 48 })
      return performance.now() - start
    }
    frames(model)
    const ratio = frames(model) / frames(longRun(1_000).model)
    process.stdout.write(`nine charts of 10,000 steps take ${ratio.toFixed(1)} × the time of 1,000 steps\n`)
  })

  test('a step table of 10,000 steps reads visible lines', () => {
    const { model } = longRun(10_000)
    const screen = open(LOW, model).press('t', 'G')
    expect(screen.text()).toMatch(/ 1 {2}sft 1$/m)
    expect(screen.press('g').text()).toContain('sft 10000')
  })
})

test('hostile text reaches no row: not from a run, a metric, a warning, a setting, a task or an id', () => {
  const control = /[\p{Cc}\p{Bidi_Control}\u200b\u{e0041}]/u
  for (const attack of ATTACKS) {
    const wide = `${attack}日本語`
    const steps: StepFigures[] = [
      {
        x: 1,
        stage: 'dpo',
        step: 1,
        kind: 'step',
        metrics: { loss: 0.9, [wide]: 1, [`eval_${wide}`]: 2 },
        batch: [wide],
      },
      { x: 2, stage: 'dpo', step: 2, kind: 'step', metrics: { loss: 0.9, [wide]: 1 }, batch: [wide] },
    ]
    const figures: RunFigures = figuresOf(steps, {
      warnings: [{ x: 1, text: wide }],
      config: { [wide]: wide, dpo: { [wide]: [wide] } },
      stages: [
        { stage: 'sft', from: 0, totalSteps: 1 },
        { stage: 'dpo', from: 1, totalSteps: 1 },
      ],
    })
    const model = sessionWithTrees()
    model.figures.set(wide, figures)
    model.setRuns([
      runRow(wide, { name: wide, trainer: wide, note: wide, model: wide, backend: wide, dataset: wide, phase: wide }),
      runRow('r1', { name: wide }),
    ])
    for (const size of [NARROW, WIDE]) {
      const pane = new TrainPane(model, {})
      const inner = { width: size.width, height: size.height - 2 }
      for (const words of ['overlay', 'cursor next', 'open', 'open', 'steps', 'open', 'back', 'back', 'runs']) {
        pane.run(words, inner)
        for (const row of pane.rows(inner)) {
          expect(rowText(row)).not.toMatch(control)
          expect(rowCells(row)).toBeLessThanOrEqual(inner.width)
        }
      }
      const copied = pane.run('copy', inner)
      expect(copied?.type === 'copy' ? copied.text.replaceAll(/[\t\n]/g, '') : '').not.toMatch(/\p{Cc}/u)
    }
  }
})

test('the charts are those that exist, in their order, whatever else the trainer says after them', () => {
  const steps = generatedSteps(130).map((step) => ({ ...step, metrics: { ...step.metrics, 'my/own': 1 } }))
  const model = sessionWithTrees()
  model.figures.set('r1', figuresOf(steps))
  model.setRuns([runRow('r1')])
  const screen = open({ width: 200, height: 50 }, model)
  expect(titles(screen)).toEqual([
    'loss',
    'rewards/margins',
    'rewards/accuracies',
    'rewards',
    'learning_rate',
    'grad_norm',
    'logps',
    'mean_token_accuracy',
    'entropy',
  ])
  expect(titles(screen.press('n'))).toContain('my/own')
})
