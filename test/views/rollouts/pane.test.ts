import { describe, expect, test } from 'vitest'
import { splitWords } from '../../../commands/words.ts'
import type { StepDraft } from '../../../src/domain/trajectory.ts'
import type { RolloutRow } from '../../../views/model.ts'
import { rowCells, rowText } from '../../../views/paint/row.ts'
import { SHELL_BINDINGS } from '../../../views/keymap.ts'
import type { Size } from '../../../views/pane.ts'
import { ROLLOUT_BINDINGS } from '../../../views/rollouts/keys.ts'
import { RolloutsPane } from '../../../views/rollouts/pane.ts'
import { TreePane } from '../../../views/tree/pane.ts'
import { Screen } from '../../flows/screen.ts'
import { ATTACKS } from '../paint/attacks.ts'
import { PlainModel } from '../plain-model.ts'
import { bashStep, LOOP, queuedRow, rolloutRow } from './live-model.ts'

const SIZES: readonly Size[] = [
  { width: 60, height: 16 },
  { width: 80, height: 24 },
  { width: 100, height: 50 },
  { width: 120, height: 40 },
  { width: 200, height: 50 },
]
const NARROW: Size = { width: 60, height: 16 }
const WIDE: Size = { width: 160, height: 30 }

/** Rollouts with stored steps, by id. */
class StepModel extends PlainModel {
  readonly steps = new Map<number, StepDraft[]>()
  reads = 0

  override step(trajectory: number, t: number): StepDraft | undefined {
    this.reads++
    return this.steps.get(trajectory)?.[t - 1]
  }

  override stepCount(trajectory: number): number {
    return this.steps.get(trajectory)?.length ?? 0
  }
}

const ROWS: readonly RolloutRow[] = [
  rolloutRow(1, { task: 'dask__dask-9349', run: '1', step: 10, stuck: LOOP, trajectory: 1 }),
  rolloutRow(2, { task: 'dask__dask-9349', run: '2', state: 'paused', step: 4 }),
  rolloutRow(3, {
    task: 'moto__moto-5865',
    run: '1',
    state: 'done',
    outcome: 'unresolved',
    end: 'turn-limit',
    step: 30,
    endedMs: Date.UTC(2026, 0, 1),
    trajectory: 3,
  }),
  rolloutRow(4, {
    task: 'moto__moto-5865',
    run: '2',
    state: 'done',
    infrastructure: 'The sandbox is gone.',
    end: 'infrastructure',
  }),
  rolloutRow(5, { task: 'moto__moto-5865', run: '3', state: 'done', outcome: 'resolved', end: 'finished' }),
  { ...queuedRow(6), task: 'pydantic-8316', run: '1' },
  rolloutRow(7, { task: 'pydantic-8316', run: '2', state: 'lost', job: '8' }),
]

function open(size: Size, rows: readonly RolloutRow[] = ROWS): { screen: Screen; model: StepModel } {
  const model = new StepModel('lite-a')
  model.setRollouts(rows)
  model.steps.set(
    1,
    Array.from({ length: 10 }, (_, index) =>
      bashStep(`echo ${index + 1}`, `first\nsecond\noutput of step ${index + 1}`),
    ),
  )
  return { screen: new Screen(model, [new RolloutsPane(model)], size), model }
}

describe('the table', () => {
  test('says of every rollout in words and marks how it stands', () => {
    const { screen } = open({ width: 80, height: 24 })
    expect(screen.lines().slice(1, 11)).toMatchInlineSnapshot(`
      [
        " 1 ▶  1 ⟳  2 ·  1 of 2 ✓  1 !",
        "TASK▲           RUN     STEP   TOKENS  STATE         IDLE   TIME  LAST ACTION",
        "…sk__dask-9349  1      10/30     9.4k  ⟳ stuck        12s  1m05s  execute_bash …",
        "…sk__dask-9349  2       4/30     9.4k  ⏸ paused       12s  1m05s  bash ls",
        "…to__moto-5865  1      30/30     9.4k  ✗ unresolved        1m05s  turn-limit · …",
        "…to__moto-5865  2       3/30     9.4k  ! infra             1m05s  The sandbox i…",
        "…to__moto-5865  3       3/30     9.4k  ✓ resolved          1m05s  bash ls",
        "pydantic-8316   1       0/30        0  · queued",
        "pydantic-8316   2       3/30     9.4k  ! lost              1m05s  bash ls",
        "",
      ]
    `)
  })

  test('60 columns keep task, run, step, state and action', () => {
    const { screen } = open(NARROW)
    expect(screen.lines().slice(1, 6)).toMatchInlineSnapshot(`
      [
        " 1 ▶  1 ⟳  2 ·  1 of 2 ✓  1 !",
        "TASK▲            RUN     STEP  STATE         LAST ACTION",
        "dask__dask-9349  1      10/30  ⟳ stuck       execute_bash l…",
        "dask__dask-9349  2       4/30  ⏸ paused      bash ls",
        "moto__moto-5865  1      30/30  ✗ unresolved  turn-limit · b…",
      ]
    `)
  })

  test.each(SIZES)('fills $width×$height exactly, list and detail', (size) => {
    const { model } = open(size)
    const pane = new RolloutsPane(model)
    const inner = { width: size.width, height: size.height - 2 }
    for (const words of [
      'cursor next',
      'open',
      'patch',
      'tests',
      'tests',
      'zoom in',
      'back',
      'back',
      'group',
      'sort',
    ]) {
      pane.run(words, inner)
      const rows = pane.rows(inner)
      expect(rows.length).toBeLessThanOrEqual(inner.height)
      expect(rows.filter((row) => rowCells(row) > inner.width)).toEqual([])
    }
  })

  test('columns stay where they are whatever the rollouts do', () => {
    const places = (rows: readonly RolloutRow[]): number[] => {
      const title = open({ width: 120, height: 40 }, rows).screen.lines()[2] ?? ''
      return ['RUN', 'STEP', 'STATE', 'IDLE', 'LAST ACTION'].map((name) => title.indexOf(name))
    }
    const wild = ROWS.map((row) => ({
      ...row,
      run: 'a-very-long-run-name',
      step: 123_456,
      turns: 999_999,
      promptTokens: 1e12,
      action: 'x'.repeat(500),
    }))
    expect(places(wild)).toEqual(places(ROWS))
    expect(places(ROWS)).not.toContain(-1)
  })

  test('groups by task with a rate that counts only judged rollouts', () => {
    const { screen } = open(WIDE)
    screen.press('b')
    expect(screen.text()).toMatch(/▾ moto__moto-5865 .*50 % +1 of 2 resolved · 3 runs · 0 running · 1 infra/)
    screen.press('j', 'j', 'enter')
    expect(screen.text()).toContain('▸ moto__moto-5865')
  })

  test('the cursor stays on its rollout when others are added above it', () => {
    const { screen, model } = open(WIDE)
    screen.press('j', 'j')
    expect(screen.shell.frame().length).toBeGreaterThan(0)
    model.setRollouts([rolloutRow(9, { task: 'a-first', run: '1' }), ...ROWS])
    expect(screen.press('p').text()).toContain('Not now: the rollout has ended')
    expect(screen.text()).toContain('moto__moto-5865 · run 1')
  })

  test('5,000 rollouts: a frame looks at the visible ones', () => {
    const seen = new Set<number>()
    const rows = Array.from({ length: 5_000 }, (_, id) =>
      Object.defineProperty({ ...rolloutRow(id) }, 'action', {
        get: () => {
          seen.add(id)
          return 'bash ls'
        },
      }),
    )
    const { screen } = open({ width: 200, height: 50 }, rows)
    seen.clear()
    screen.press('G')
    screen.lines()
    expect(seen.size).toBeGreaterThan(10)
    expect(seen.size).toBeLessThan(100)
  })
})

describe('a rollout in detail', () => {
  test('stands beside the list: head, loop with its rounds, what happens now', () => {
    const { screen, model } = open({ width: 160, height: 24 })
    model.details.set(1, {
      live: 'I will look at\nthe next file',
      liveKind: 'reply',
      nudges: [{ t: 9, text: 'Try another way.', by: 'stuck' }],
      patch: '--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-old\n+new\n+er\n',
    })
    model.setRollouts(ROWS.map((row) => (row.id === 1 ? { ...row, phase: 'query' } : row)))
    expect(
      screen
        .lines()
        .slice(2, 23)
        .map((line) => line.slice(93).trimEnd()),
    ).toMatchInlineSnapshot(`
      [
        "dask__dask-9349 · run 1                                    ⟳ stuck",
        "step 10 of 30 · ctx █░░░░░░░ 13 % of 32.8k        1m05s · idle 12s",
        "9.0k tokens read · 400 written · $0.02",
        "qwen-32b · docker · job 7 · #1",
        "⟳ stuck? steps 7–10 ×2 (2 a round) · nudged · execute_bash ls ×2, …",
        "─ steps ─ d patch +2 −1 ─ t tests ────────────────────── following",
        "│    second",
        "│    output of step 7",
        "⟳ ▸  8 bash echo 8                                             0.3s",
        "│    second",
        "│    output of step 8",
        "⟳┐▸  9 bash echo 9                                             0.3s",
        "│    second",
        "│    output of step 9",
        "│    » stuck: Try another way.",
        "⟳ ▸ 10 bash echo 10                                            0.3s",
        "│    second",
        "│    output of step 10",
        "  ─ the model is writing",
        "  I will look at",
        "  the next file",
      ]
    `)
  })

  test('narrow, Enter gives it the whole pane and Esc goes back', () => {
    const { screen } = open(NARROW)
    screen.press('enter')
    expect(screen.lines()[1]).toMatch(/^dask__dask-9349 · run 1 +⟳ stuck/)
    expect(screen.text()).not.toContain('LAST ACTION')
    expect(screen.press('esc').text()).toContain('LAST ACTION')
  })

  test('a step unfolds to all of it and folds again', () => {
    const { screen } = open(WIDE)
    screen.press('enter', 'g', 'j', 'enter')
    expect(screen.text()).toContain('first')
    expect(screen.text()).toContain('observation · exit code 0')
    expect(screen.press('space').text()).not.toContain('first')
    expect(screen.press('E').text()).toContain('first')
    expect(screen.press('C').text()).not.toContain('first')
  })

  test('reads only the steps that are seen, and a new step costs one read', () => {
    const { screen, model } = open({ width: 160, height: 24 })
    const many = Array.from({ length: 500 }, (_, index) => bashStep(`echo ${index}`, 'a\nb'))
    model.steps.set(1, many)
    model.changed()
    model.reads = 0
    screen.lines()
    expect(model.reads).toBeLessThan(15)
    model.reads = 0
    model.steps.set(1, [...many, bashStep('echo new', 'c')])
    model.changed()
    expect(screen.text()).toContain('bash echo new')
    expect(model.reads).toBe(1)
    screen.lines()
    expect(model.reads).toBe(1)
  })

  test('shows the patch, and the tests once they have run', () => {
    const { screen, model } = open(WIDE)
    expect(screen.press('d').text()).toContain('No patch is known yet.')
    model.details.set(1, {
      live: '',
      liveKind: '',
      nudges: [],
      patch: '--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n-old\n+new\n+er\n',
      verdict: {
        outcome: 'unresolved',
        reason: 'tests',
        says: '1 of 3 tests fails.',
        failToPass: { total: 1, passed: 0 },
        passToPass: { total: 2, passed: 2 },
        failed: ['test_x.py::test_a'],
        log: 'collected 3 items',
        seconds: 4.25,
      },
    })
    model.changed()
    expect(screen.text()).toMatch(/d patch \+2 −1 /)
    expect(screen.text()).toContain('+er')
    screen.press('t')
    for (const text of ['✗ unresolved · tests · 4.3 s', '0 of 1 passed', '✗ test_x.py::test_a', 'collected 3 items'])
      expect(screen.text()).toContain(text)
    expect(screen.press('t').text()).toContain('▸ 10 bash echo 10')
  })

  test('a rollout that is run again starts an empty transcript', () => {
    const { screen, model } = open(WIDE)
    expect(screen.text()).toContain('bash echo 10')
    model.setRollouts([{ ...queuedRow(1), task: 'dask__dask-9349', run: '1' }])
    expect(screen.text()).not.toContain('bash echo')
    expect(screen.text()).toContain('waiting for its turn')
  })
})

describe('keys become commands', () => {
  const pressed = async (line: number, ...keys: readonly string[]): Promise<Screen> => {
    const { screen } = open(WIDE)
    screen.press(...Array.from({ length: line }, () => 'j'))
    for (const key of keys) {
      screen.press(key)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return screen
  }

  test('p pauses what runs and resumes what is paused', async () => {
    expect((await pressed(0, 'p')).ran).toEqual(['rollout pause 1'])
    expect((await pressed(1, 'p')).ran).toEqual(['rollout resume 2'])
  })

  test('x asks once; another key or another rollout forgets the question', async () => {
    const screen = await pressed(0, 'x')
    expect(screen.ran).toEqual([])
    expect(screen.text()).toContain('x again cancels dask__dask-9349 run 1')
    expect((await pressed(0, 'x', 'x')).ran).toEqual(['rollout cancel 1'])
    expect((await pressed(0, 'x', 'j', 'x')).ran).toEqual([])
    expect((await pressed(0, 'x', 'd', 'd', 'x')).ran).toEqual([])
  })

  test('x asks anew after the notice is gone', async () => {
    const { screen, model } = open(WIDE)
    screen.press('x')
    model.nowMs += 7_000
    screen.press('x')
    expect(screen.ran).toEqual([])
  })

  test('r runs ended ones again and says why it cannot otherwise', async () => {
    expect((await pressed(2, 'r')).ran).toEqual(['rollout requeue 3'])
    const screen = await pressed(0, 'r')
    expect(screen.ran).toEqual([])
    expect(screen.text()).toContain('Not now: the rollout has not ended; x cancels it.')
  })

  test.each(['it\'s $HOME; rm -rf / "quoted" `id`', '--json', '-x y', 'two words'])(
    'n sends %s as one word',
    async (text) => {
      const { screen } = open(WIDE)
      screen.press('n').type(text).press('enter')
      const words = splitWords(screen.ran[0] ?? '')
      expect(words.filter((word) => word !== '--')).toEqual(['rollout', 'nudge', '1', text])
      // What begins like a flag comes after the end of the flags.
      expect(words[3] === '--').toBe(text.startsWith('-'))
    },
  )

  test('an empty message is not sent', () => {
    const { screen } = open(WIDE)
    screen.press('n').type('  ').press('enter')
    expect(screen.ran).toEqual([])
  })

  test('s gives the terminal to a shell in the sandbox, where there is one', async () => {
    const { screen, model } = open(WIDE)
    expect(screen.press('s').text()).toContain('Not now: the rollout has no sandbox now.')
    const attach = ['docker', 'exec', '-it', 'abc', 'bash']
    model.details.set(1, { live: '', liveKind: '', nudges: [], attach })
    model.changed()
    screen.press('s')
    await new Promise((resolve) => setImmediate(resolve))
    expect(screen.attached).toEqual([attach])
    expect(screen.text()).toContain('Back from the sandbox of dask__dask-9349 run 1.')
  })

  test('y copies the action under the cursor, e opens the transcript', () => {
    const { screen } = open(WIDE)
    screen.press('y', 'e')
    expect(screen.copied).toEqual(['execute_bash\necho 10'])
    expect(screen.edited[0]).toContain('output of step 10')
  })
})

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

describe('keys', () => {
  test('no key means two things in the pane', () => {
    const keys = ROLLOUT_BINDINGS.flatMap((row) => row.on)
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('none hides a key that works everywhere', () => {
    const taken = new Set(ROLLOUT_BINDINGS.flatMap((row) => row.on))
    expect(SHELL_BINDINGS.flatMap((row) => row.on).filter((key) => taken.has(key))).toEqual([])
  })

  test('the footer offers only what can be done now', () => {
    const { screen } = open(WIDE)
    expect(screen.lines().at(-1)).toContain('p pause')
    expect(screen.lines().at(-1)).not.toContain('requeue')
    expect(screen.press('j', 'j').lines().at(-1)).toContain('r requeue')
  })
})
