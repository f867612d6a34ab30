import { describe, expect, test } from 'vitest'
import { reportOf } from '../../../src/evaluation/comparison.ts'
import { rowCells, rowText } from '../../../views/paint/row.ts'
import { ReportPane } from '../../../views/report/pane.ts'
import { RolloutsPane } from '../../../views/rollouts/pane.ts'
import { TreePane } from '../../../views/tree/pane.ts'
import { facts } from '../../evaluation/trajectories.ts'
import { Screen } from '../../flows/screen.ts'
import { ATTACKS } from '../paint/attacks.ts'
import { PlainModel } from '../plain-model.ts'
import { evaluation, MIDDLE, NARROW, open, rollouts, SIZES, WIDE } from './report-model.ts'

function standing(report: ReturnType<PlainModel['report']>): string {
  const model = new PlainModel('s')
  model.setTasks([{ task: 'a', trajectories: 1, resolved: 0, nodes: 1, branching: 0, critical: 0, pairs: 0 }])
  model.setReport(report)
  return new Screen(model, [new RolloutsPane(model), new TreePane(model), new ReportPane(model)], NARROW)
    .press('5')
    .text()
}

describe('what stands in its place', () => {
  test('a report on its way says so', () => {
    expect(standing({ state: 'loading', note: '40 to go' })).toContain('Measuring rollouts… 40 to go')
  })

  test('no evaluation says what to type', () => {
    expect(standing({ state: 'ready', value: reportOf([]) })).toContain(':eval start --name before --tasks SET')
  })

  test('a failure is said with what to do', () => {
    const text = standing({ state: 'error', message: 'The database is locked.', hint: 'Close the other program.' })
    expect(text).toContain('Error: The database is locked.')
    expect(text).toContain('Close the other program.')
  })

  test('an evaluation of which nothing has ended yet has no rates', () => {
    const { screen } = open(MIDDLE, reportOf([evaluation(1, 'before', 0, { state: 'running', rollouts: 24 }, [])]))
    expect(screen.lines()[3]).toMatch(/before +– +– +– +– .*▶ 0\/24/)
    expect(screen.text()).toContain('No rollout of it has ended yet.')
    expect(screen.press('enter').text()).toContain('No rollout of it has ended yet.')
  })
})

describe('the evaluations', () => {
  test('60 columns keep the rates, one interval and the progress', () => {
    expect(open(NARROW).screen.lines().slice(1, 11)).toMatchInlineSnapshot(`
      [
        " 3 evaluations · 24 tasks · [95 % Wilson]",
        "  NAME     RESOLVED         EMPTY  STUCK  INVALID      ENDED",
        "◆ before     8 % [2, 26]     21 %   21 %   25 %        24/24",
        "  SFT       38 % [21, 57]    17 %   13 %   17 %        24/24",
        "  SFT+DPO   58 % [39, 76]     8 %    8 %   13 %        24/24",
        "─ SFT+DPO against before ───────────────────────────────────",
        " 24 tasks: 12 better, 0 worse, 12 same",
        " resolved +50 points [29, 71]   p < .001 exact sign test",
        "    −100 ····················│·····────●────······ +100",
        " ▲ better  pkg-3, pkg-4, pkg-5, pkg-6, pkg-7, pkg-8, pkg-9,",
      ]
    `)
  })

  test('100 columns show every interval', () => {
    expect(open(MIDDLE).screen.lines().slice(1, 6)).toMatchInlineSnapshot(`
      [
        " 3 evaluations · 24 tasks · [95 % Wilson]",
        "  NAME          RESOLVED         EMPTY            STUCK            INVALID          TURNS      ENDED",
        "◆ before          8 % [2, 26]     21 % [9, 40]     21 % [9, 40]     25 % [12, 45]    18.8      24/24",
        "  SFT            38 % [21, 57]    17 % [7, 36]     13 % [4, 31]     17 % [7, 36]     14.8      24/24",
        "  SFT+DPO        58 % [39, 76]     8 % [2, 26]      8 % [2, 26]     13 % [4, 31]     11.8      24/24",
      ]
    `)
  })

  test('160 columns draw the intervals, and have the failures and the paper’s rows beside', () => {
    const lines = open(WIDE).screen.lines()
    expect(lines.slice(2, 4)).toMatchInlineSnapshot(`
      [
        "  NAME          RESOLVED                      EMPTY                         STUCK                         INVALID                       TURNS  TOKENS      ENDED",
        "◆ before        ─●──········   8 % [2, 26]    ·─●──·······  21 % [9, 40]    ·─●──·······  21 % [9, 40]    ·──●──······  25 % [12, 45]    18.8    1.0k      24/24",
      ]
    `)
    expect(lines.join('\n')).toMatch(/▲ pkg-3 +✗ tool → ✓ .*│/)
    expect(lines.join('\n')).toMatch(/SEAlign-14B +17.7 % +17.0 % +22.0 %/)
    expect(lines.join('\n')).toContain('the paper: ablation on Lite, table 5')
  })

  test('rows and columns stay where they are while rollouts end', () => {
    const running = (ended: number) => {
      const list = rollouts(2, 9).slice(0, ended)
      return reportOf([evaluation(1, 'before', 2), evaluation(2, 'SFT', 9, { state: 'running', rollouts: 24 }, list)])
    }
    const { screen, model } = open(MIDDLE, running(1))
    const places = (): number[] =>
      ['RESOLVED', 'STUCK', 'ENDED'].map((title) => screen.lines()[2]?.indexOf(title) ?? -1)
    const [names, before] = [
      (): (string | undefined)[] =>
        screen
          .lines()
          .slice(2, 6)
          .map((line) => line.slice(0, 10)),
      places(),
    ]
    const rows = names()
    for (const ended of [2, 12, 23]) {
      model.setReport({ state: 'ready', value: running(ended) })
      expect(names()).toEqual(rows)
      expect(places()).toEqual(before)
    }
    expect(screen.lines()[4]).toContain('▶ 23/24')
  })

  test('until a person chooses, the newest is looked at; then the cursor stays', () => {
    const { base, sft, dpo } = {
      base: evaluation(1, 'before', 2),
      sft: evaluation(2, 'SFT', 9),
      dpo: evaluation(3, 'DPO', 4),
    }
    const { screen, model } = open(MIDDLE, reportOf([base, sft]))
    expect(screen.text()).toContain('─ SFT against before ─')
    model.setReport({ state: 'ready', value: reportOf([base, sft, dpo]) })
    expect(screen.text()).toContain('─ DPO against before ─')
    screen.press('k')
    model.setReport({ state: 'ready', value: reportOf([base, sft, dpo, evaluation(4, 'all', 12)]) })
    expect(screen.text()).toContain('─ SFT against before ─')
  })

  test('infrastructure failures are said, and so is how intervals were made', () => {
    const twice = [...rollouts(1, 4), ...rollouts(2, 4), facts(999, 'pkg-1', false, { infrastructure: 'lost' })]
    const { screen } = open(MIDDLE, reportOf([evaluation(1, 'before', 0, {}, twice)]))
    expect(screen.lines()[1]).toContain('[95 % bootstrap over tasks] · 1 infra left out')
  })
})

describe('the tasks', () => {
  test('show what each came to in every evaluation, and the chosen rollout in words', () => {
    const { screen } = open({ width: 100, height: 24 })
    screen.press('enter', 'G')
    expect(screen.lines().slice(1, 3)).toMatchInlineSnapshot(`
      [
        " SFT+DPO against before: 12 ▲ better, 0 ▼ worse · 24 tasks",
        "   TASK                                         ◆ before            SFT             › SFT+DPO",
      ]
    `)
    expect(screen.lines().slice(15, 22)).toMatchInlineSnapshot(`
      [
        "   pkg-23                                         ✗ tool            ✗ tool            ✗ tool",
        "   pkg-24                                         ✗ wrong           ✗ wrong           ✗ wrong",
        "─ pkg-24 ───────────────────────────────────────────────────────────────────────────────────────────",
        " SFT+DPO: rollout 323 ✗ unresolved",
        " finished · 20 turns · 1.0k tokens",
        "",
        "",
      ]
    `)
  })

  test('of several rollouts are fractions with a mark each, [ and ] go through them', () => {
    const list = [
      facts(1, 'a', true),
      facts(2, 'a', false, { end: 'turn-limit' }),
      facts(3, 'a', false, { infrastructure: 'x' }),
    ]
    const { screen } = open(MIDDLE, reportOf([evaluation(1, 'before', 0, {}, list)]))
    screen.press('enter')
    expect(screen.text()).toMatch(/a +1\/2 ✓✗!/)
    expect(screen.text()).toContain('before: rollout 1 1 of 3 ([ ] others) ✓ resolved')
    expect(screen.press(']').text()).toContain('before: rollout 2 2 of 3 ([ ] others) ✗ unresolved')
    expect(screen.press(']', ']').text()).toContain('left out of every rate: x')
  })

  test('are found by name, by how they moved, and by what their rollouts came to', () => {
    const { screen } = open(MIDDLE)
    let typed = ''
    const found = (filter: string): number => {
      screen
        .press('/', ...Array.from(typed, () => 'backspace'))
        .type(filter)
        .press('enter')
      typed = filter
      return Number(/· (\d+) tasks?/.exec(screen.lines()[1] ?? '')?.[1] ?? 0)
    }
    screen.press('enter')
    expect(found('better')).toBe(12)
    expect(found('loop')).toBe(2)
    expect(found('empty')).toBe(2)
    expect(found('resolved same')).toBe(2)
    expect(found('pkg-2')).toBe(6)
    expect(found('nothing')).toBe(0)
    expect(screen.text()).toContain('No task matches /nothing')
    expect(screen.press('esc').lines()[1]).toContain('24 tasks')
  })
})

test.each(SIZES)('$width×$height is filled exactly, in every view', (size) => {
  const { model } = open(size)
  const pane = new ReportPane(model)
  const inner = { width: size.width, height: size.height - 2 }
  for (const words of [
    ...['part', 'part', 'zoom in', 'part', 'zoom out', 'sort', 'sort', 'base', 'cursor previous', 'open'],
    ...['cursor last', 'column previous', 'sort', 'base', 'cursor first', 'back'],
  ]) {
    pane.run(words, inner)
    const rows = pane.rows(inner)
    expect(rows).toHaveLength(inner.height)
    expect(rows.filter((row) => rowCells(row) > inner.width)).toEqual([])
  }
})

test('hostile text reaches no row: not from a name, a model, a task, an end or a sign', () => {
  const control = /[\p{Cc}\p{Bidi_Control}\u200b\u{e0041}]/u
  for (const attack of ATTACKS) {
    const wide = `${attack}日本語`
    const list = (id: number, resolved: boolean) => [
      facts(id, wide, resolved, { end: wide, run: wide, signs: [{ kind: 'tool', step: 1, says: wide }] }),
      facts(id + 1, `${wide}2`, false, { infrastructure: wide }),
    ]
    const both = [true, false].map((resolved, at) =>
      evaluation(at + 1, wide, 0, { model: wide, id: wide + at, job: wide }, list(at * 10, resolved)),
    )
    const { model } = open(MIDDLE, reportOf(both))
    for (const size of [NARROW, WIDE]) {
      const pane = new ReportPane(model)
      for (const words of ['part', 'part', 'part', 'open', 'cursor next', 'column previous']) {
        pane.run(words, size)
        for (const row of pane.rows(size)) {
          expect(rowText(row)).not.toMatch(control)
          expect(rowCells(row)).toBeLessThanOrEqual(size.width)
        }
      }
    }
  }
})

test('300 tasks in six evaluations fit', () => {
  const names = Array.from({ length: 300 }, (_, at) => `task-${at}`)
  const six = Array.from({ length: 6 }, (_, id) =>
    evaluation(
      id + 1,
      `e${id}`,
      0,
      {},
      names.map((task, at) => facts(id * 1000 + at, task, at % 7 < id)),
    ),
  )
  const { screen } = open(WIDE, reportOf(six))
  screen.press('enter', 'G')
  expect(screen.text()).toContain('task-299')
})
