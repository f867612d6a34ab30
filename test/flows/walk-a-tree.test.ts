import { describe, expect, test } from 'vitest'
import { SHELL_BINDINGS } from '../../views/keymap.ts'
import type { Size } from '../../views/pane.ts'
import { TREE_BINDINGS } from '../../views/tree/keys.ts'
import { TreePane } from '../../views/tree/pane.ts'
import { FORKED_RUNS } from '../views/tree/forked-runs.ts'
import { RunModel } from '../views/tree/run-model.ts'
import { PlainModel } from '../views/plain-model.ts'
import { Screen } from './screen.ts'

const WIDE: Size = { width: 180, height: 40 }
const NARROW: Size = { width: 60, height: 16 }

function open(size: Size): { screen: Screen; model: RunModel } {
  const model = new RunModel('lite-a', FORKED_RUNS)
  return { screen: new Screen(model, [new TreePane(model)], size), model }
}

describe('a tree on the screen', () => {
  test('tasks, tree and node stand side by side on a wide terminal', () => {
    const { screen } = open(WIDE)
    screen.press('enter')
    expect(
      screen
        .lines()
        .slice(0, 9)
        .map((line) => line.slice(0, 128).trimEnd()),
    ).toMatchInlineSnapshot(`
      [
        "sealign ─ lite-a ─  2 Tree",
        " merge call · Δ > .50",
        "TASK▲                 RUNS     ★   PAIRS │       n  rate          90 %       action",
        "› fork                   7     1       1 │       6  █████░░  67 % [34, 87]   start +1 unknown",
        "plain                    2     0       0 │ ★     6  █████░░  67 % [34, 87]   bash cat core.py ≠obs +1 unknown",
        "                                         │       4  ███████ 100 % [55, 99]   ├─ bash sed -i s/None/nan/ core.py",
        "                                         │       4  ███████ 100 % [55, 99]   │  bash pytest",
        "                                         │       2  ░░░░░░░   0 % [2, 63]    ├─ bash rm -rf tests",
        "                                         │       0  ·······   –              └─ bash echo ␛[31mred� +1 unknown",
      ]
    `)
  })

  test('60 columns show the tree, then its tasks', () => {
    const { screen } = open(NARROW)
    screen.press('enter', 'j', 'j')
    expect(screen.lines()).toMatchInlineSnapshot(`
      [
        "sealign ─ lite-a ─  2 Tree",
        " merge call · Δ > .50               1 ★ · 1 pairs · 1 tasks",
        "      n  rate          action",
        "      6  █████░░  67 % start +1 unknown",
        "★     6  █████░░  67 % bash cat core.py ≠obs +1 unknown",
        "      4  ███████ 100 % ├─ bash sed -i s/None/nan/ core.py",
        "      4  ███████ 100 % │  bash pytest",
        "      2  ░░░░░░░   0 % ├─ bash rm -rf tests",
        "      0  ·······   –   └─ bash echo ␛[31mred� +1 unknown",
        "",
        "",
        "",
        "",
        "",
        "",
        " Enter open  n next ★  / filter  : command  ? help  q quit",
      ]
    `)
    screen.press('esc')
    expect(screen.lines().slice(2, 5)).toMatchInlineSnapshot(`
      [
        "TASK▲                      RUNS  RATE              ★   PAIRS",
        "fork                          7  █████░░  67 %     1       1",
        "plain                         2  ████░░░  50 %     0       0",
      ]
    `)
  })

  test('no control character of an action or an observation reaches a row', () => {
    for (const size of [WIDE, NARROW, { width: 100, height: 24 }]) {
      const { screen } = open(size)
      for (const key of ['enter', 'E', 'j', 'j', 'j', 'j', 'j', 't', 'G', 'esc', 'w', 'j', 'esc', 'esc']) {
        expect(screen.press(key).lines().join('')).not.toMatch(/[\p{Cc}\u202e]/u)
      }
    }
  })

  test('n goes to the critical node, [ and ] move the threshold and the counts follow', () => {
    const { screen, model } = open(WIDE)
    screen.press('enter', 'G', 'n')
    expect(screen.text()).toContain('★ critical: Δ 1.00')
    expect(screen.text()).toContain('better 4/4 bash sed -i s/None/nan/ core.py')
    expect(screen.lines()[1]).toMatch(/1 critical node · 1 pair in 1 task$/)
    screen.press(...Array.from({ length: 10 }, () => ']'))
    expect(model.settings().threshold).toBe(1)
    expect(screen.lines()[1]).toMatch(/0 critical nodes · 0 pairs in 0 tasks$/)
    screen.press('i')
    expect(screen.lines()[1]).toMatch(/Δ ≥ 1.00.* 1 critical node /)
    screen.press(']', '[')
    expect(model.settings().threshold).toBe(0.95)
  })

  test('the place in the tree survives another merge mode and another order', () => {
    const { screen, model } = open(WIDE)
    screen.press('enter', 'n')
    const label = 'bash cat core.py'
    expect(screen.text()).toContain(`resolved, 1 with unknown outcome`)
    screen.press('s', 's', 'm', 'm')
    expect(model.settings().mode).toBe('call+thought')
    screen.press('y')
    expect(screen.copied[0]).toContain('cat core.py')
    expect(screen.text()).toContain(label)
  })

  test('left and right fold, unfold, climb and go back to the tasks', () => {
    const { screen } = open(WIDE)
    screen.press('enter', 'j', 'left')
    expect(screen.text()).toContain('▸ bash cat core.py')
    screen.press('right')
    expect(screen.text()).not.toContain('▸ bash cat core.py')
    screen.press('left', 'left', 'left', 'j')
    expect(screen.text()).toContain('plain · start')
  })

  test('a transcript opens at the step, folds, searches and moves to other runs', () => {
    const { screen } = open(WIDE)
    screen.press('enter', 'n', 't')
    expect(screen.text()).toContain('#0 (1 of 7 here: J K) · resolved · submitted · run-1')
    expect(screen.text()).toContain('▸ 50 more lines (Enter unfolds)')
    screen.press('/').type('line 41').press('enter')
    expect(screen.text()).toContain('line 41 of the output')
    expect(screen.text()).not.toContain('more lines')
    screen.press('esc', 'J')
    expect(screen.text()).toContain('#1 (2 of 7 here: J K)')
    screen.press('esc')
    expect(screen.text()).toContain('★ critical')
  })

  test('why merged? names what runs wrote and saw, and shows how they differ', () => {
    const { screen } = open(WIDE)
    screen.press('enter', 'j', 'w')
    expect(screen.text()).toContain('7 runs are here: the same tool calls')
    expect(screen.text()).toContain('They wrote the action in 1 way and saw 7 different observations.')
    expect(screen.text()).toContain('- read at 1')
    expect(screen.text()).toContain('+ read at 2')
    screen.press('right')
    expect(screen.text()).toContain('+ read at 3')
  })

  test('/ filters actions, keeps the way to them, and Esc shows all again', () => {
    const { screen } = open(WIDE)
    screen.press('enter', '/').type('pytest').press('enter')
    expect(screen.text()).toContain('bash pytest')
    expect(screen.text()).not.toContain('rm -rf')
    screen.press('/').type('zzz').press('enter')
    expect(screen.text()).toContain('No action matches /pytestzzz. Esc clears the filter.')
    screen.press('esc')
    expect(screen.text()).toContain('rm -rf')
  })

  test('e opens the whole run, unfolded', () => {
    const { screen } = open(WIDE)
    screen.press('enter', 'n', 'e')
    expect(screen.edited[0]).toContain('line 59 of the output')
  })
})

describe('a tree that is not there', () => {
  test.each([
    ['loading', { state: 'loading', note: '3 of 9' }, 'Reading the session… 3 of 9'],
    [
      'an error',
      { state: 'error', message: 'The database is locked.', hint: 'Close it.' },
      'Error: The database is locked.',
    ],
  ] as const)('%s is said', (_, tasks, text) => {
    const model = new PlainModel('s')
    model.setTasks(tasks)
    expect(new Screen(model, [new TreePane(model)], NARROW).text()).toContain(text)
  })

  test('an empty session says what to type', () => {
    const model = new PlainModel('s')
    const screen = new Screen(model, [new TreePane(model)], NARROW)
    expect(screen.text()).toContain('Type :import PATH and press Enter')
    expect(screen.press('2').text()).toContain('Nothing is here yet')
  })
})

describe('keys', () => {
  test('no key means two things in a pane', () => {
    for (const table of [TREE_BINDINGS, SHELL_BINDINGS]) {
      const keys = table.flatMap((row) => row.on)
      expect(new Set(keys).size).toBe(keys.length)
    }
  })

  test('every key of the pane does something that can be seen, or says why not', () => {
    // In this small tree everything is unfolded already, and the critical node has no siblings.
    const idle = new Set(['E', 'C', 'J', 'K'])
    const deaf = TREE_BINDINGS.map((row) => row.on[0] ?? '').filter((key) => {
      const { screen } = open(WIDE)
      screen.press('enter', 'n')
      const before = `${screen.text()}${screen.edited.length}`
      return `${screen.press(key).text()}${screen.edited.length}` === before && !idle.has(key)
    })
    expect(deaf).toEqual([])
  })

  test('q leaves with exit code 0, Ctrl-C with 130', () => {
    expect(open(NARROW).screen.press('q').exitCode).toBe(0)
    expect(open(NARROW).screen.press('ctrl+c').exitCode).toBe(130)
  })
})
