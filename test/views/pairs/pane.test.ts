import { describe, expect, it } from 'vitest'
import type { PairStatus } from '../../../src/domain/pair.ts'
import { splitWords } from '../../../commands/words.ts'
import type { PairView } from '../../../views/model.ts'
import { rowText } from '../../../views/paint/row.ts'
import { PAIRS_BINDINGS } from '../../../views/pairs/keys.ts'
import { createPairsPane } from '../../../views/pairs/pane.ts'
import type { CommandPort, CommandResult } from '../../../views/ports.ts'
import { Shell } from '../../../views/shell/shell.ts'
import { createWelcomePane } from '../../../views/welcome/pane.ts'
import { pairView, reviewed } from './pair-views.ts'
import { bash, ScriptedWorkbench } from './scripted-workbench.ts'

const STATUS: Readonly<Record<string, PairStatus>> = {
  accept: 'accepted',
  reject: 'rejected',
  skip: 'skipped',
  undo: 'pending',
}

/** A Session in memory: it knows the review commands and keeps what they were. */
class ReviewDesk implements CommandPort {
  readonly model: ScriptedWorkbench
  readonly lines: string[] = []
  failure: string | undefined
  /** Holds commands back until it is released. */
  gate: Promise<void> = Promise.resolve()

  constructor(list: readonly PairView[]) {
    const steps = [bash('ls'), bash('pytest')]
    const trajectories = [1, 2].map((id) => ({
      id,
      outcome: id === 1 ? ('resolved' as const) : ('unresolved' as const),
      steps,
    }))
    this.model = new ScriptedWorkbench(list, trajectories, { 10: [1], 11: [2] })
    this.model.setTasks([{ task: 'a', trajectories: 2, resolved: 1, nodes: 3, branching: 1, critical: 1, pairs: 1 }])
  }

  complete(): readonly string[] {
    return []
  }

  async run(line: string): Promise<CommandResult> {
    await this.gate
    this.lines.push(line)
    if (this.failure !== undefined) return { type: 'error', message: this.failure }
    const [, verdict = '', id = '', note] = splitWords(line)
    const status = STATUS[verdict]
    const change = { ...(status && { status, reviewer: 'grace' }), ...(note === undefined ? {} : { note }) }
    const ids = id === '--where' ? this.model.list.map(({ pair }) => pair.id) : [id]
    this.model.change(ids.reduce<readonly PairView[]>((list, each) => reviewed(list, each, change), this.model.list))
    return { type: 'message', text: '' }
  }
}

function open(list: readonly PairView[]): {
  desk: ReviewDesk
  shell: Shell
  screen: () => string
  state: () => string | undefined
} {
  const desk = new ReviewDesk(list)
  const pane = createPairsPane({ model: desk.model, reviewer: 'grace' })
  const welcome = createWelcomePane({ session: 'test', running: () => undefined })
  const shell = new Shell({
    model: desk.model,
    commands: desk,
    panes: [{ ...welcome, id: 'tree' }, pane],
    welcome,
    history: [],
    host: {
      size: () => ({ width: 100, height: 24 }),
      redraw: () => undefined,
      repaint: () => undefined,
      copy: () => undefined,
      edit: () => Promise.resolve(undefined),
      attach: () => Promise.resolve(undefined),
      suspend: () => Promise.resolve(),
      exit: () => undefined,
    },
  })
  shell.press('3')
  const screen = () =>
    shell
      .frame()
      .flatMap(({ rows }) => rows.map(rowText))
      .join('\n')
  return { desk, shell, screen, state: () => pane.state().current }
}

/** Presses keys one after the other, each when the screen has answered the one before. */
async function press(shell: Shell, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    shell.press(key)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const THREE = ['p1', 'p2', 'p3'].map((id) => pairView(id))

describe('reviewing by keyboard', () => {
  it('runs the command of each verdict and goes on', async () => {
    const { desk, shell, state, screen } = open(THREE)
    await press(shell, 'a', 'x', 'space')
    expect(desk.lines).toEqual(['pair accept p1', 'pair reject p2', 'pair skip p3'])
    expect(screen()).toContain('All reviewed.')
    await press(shell, 'a')
    expect(desk.lines).toHaveLength(3)
    await press(shell, 'backspace')
    expect(desk.lines.at(-1)).toBe('pair undo p3')
    expect(state()).toBe('p3')
    await press(shell, 'u', 'u')
    expect(state()).toBe('p1')
    expect(desk.lines.slice(-2)).toEqual(['pair undo p2', 'pair undo p1'])
  })

  it('draws the next pair only when the verdict is stored', async () => {
    const { desk, shell, screen, state } = open(THREE)
    let release = () => {}
    desk.gate = new Promise((resolve) => {
      release = resolve
    })
    await press(shell, 'a')
    expect(state()).toBe('p1')
    expect(screen()).toContain('Pair 1 of 3')
    release()
    await press(shell, 'd')
    expect(state()).toBe('p2')
    expect(screen()).toContain('Pair 2 of 3')
  })

  it('stays and says why when the store refuses', async () => {
    const { desk, shell, screen, state } = open(THREE)
    desk.failure = 'the session is locked by another program'
    await press(shell, 'a')
    expect(state()).toBe('p1')
    expect(screen()).toContain('Error: the session is locked by another program')
    desk.failure = undefined
    await press(shell, 'a')
    expect(state()).toBe('p2')
  })

  it('stores swaps, flags and notes and stays on the pair', async () => {
    const { desk, shell, state } = open(THREE)
    await press(shell, 's', 'f', 'n', ...Array.from('it’s fine'), 'enter')
    expect(desk.lines).toEqual(['pair swap p1', 'pair flag p1', "pair note p1 'it’s fine'"])
    expect(state()).toBe('p1')
  })

  it('takes many pairs by a rule after one confirmation', async () => {
    const { desk, shell, screen } = open(THREE)
    await press(shell, 'B')
    expect(screen()).toContain('accept where: P > 0.95')
    await press(shell, 'enter')
    expect(screen()).toContain('accept where P > 0.95: 3 pending pairs of 1 task')
    expect(desk.lines).toEqual([])
    await press(shell, 'esc', 'enter', 'esc')
    expect(desk.lines).toEqual([])
    await press(shell, 'B', 'enter', 'enter')
    expect(desk.lines).toEqual(["pair accept --where 'P > 0.95'"])
    expect(screen()).toContain('All reviewed.')
  })

  it('says where a bulk rule breaks', async () => {
    const { shell, screen } = open(THREE)
    await press(shell, 'B', 'ctrl+u', ...Array.from('P > high'), 'enter')
    expect(screen()).toContain('column 5: expected a number after `>`, found `high`')
  })

  it('tells that somebody else had decided, without asking', async () => {
    const { desk, shell, screen } = open(THREE)
    expect(screen()).toContain('Pair 1 of 3')
    desk.model.change(reviewed(THREE, 'p1', { status: 'rejected', reviewer: 'ada' }))
    expect(screen()).toContain('already rejected by ada – your verdict replaces it')
    await press(shell, 'a')
    expect(desk.lines).toEqual(['pair accept p1'])
    expect(screen()).toContain('Pair 2 of 3')
    expect(screen()).toContain('dask__dask-9349: already rejected by ada – your verdict replaces it')
  })

  it('filters as one types and clears with Esc', async () => {
    const { shell, screen } = open([...THREE, pairView('q', { pair: { task: 'moto__moto-5865' } })])
    await press(shell, '/', ...Array.from('moto'), 'enter')
    expect(screen()).toContain('Pair 1 of 1 · moto__moto-5865')
    await press(shell, 'esc')
    expect(screen()).toContain('Pair 4 of 4')
  })

  it('opens at the first pending pair of what is there, however the list grew before anybody looked', () => {
    const desk = new ReviewDesk(THREE.slice(1))
    const pane = createPairsPane({ model: desk.model, reviewer: 'grace' })
    desk.model.change(THREE)
    expect(rowText(pane.rows({ width: 100, height: 24 })[0] ?? [])).toContain('Pair 1 of 3')
  })

  it('counts in the header what is left to review', async () => {
    const { shell, screen } = open(THREE)
    expect(screen()).toContain('3 pairs to review')
    await press(shell, 'a', 'a')
    expect(screen()).toContain('1 pair to review')
  })

  it('reads ahead, so that the next pair is drawn without a read', async () => {
    const list = ['p1', 'p2'].map((id, at) =>
      pairView(id, { pair: { depth: 1 + at, chosen: side(10, 1), rejected: side(11, 2) } }),
    )
    const { desk, shell, screen } = open(list)
    screen()
    await new Promise((resolve) => setTimeout(resolve, 20))
    const reads = desk.model.reads
    shell.press(']')
    expect(screen()).toContain('Pair 2 of 2')
    expect(desk.model.reads).toBe(reads)
  })
})

function side(node: number, trajectory: number) {
  return { node, n: 1, r: trajectory === 1 ? 1 : 0, trajectory, step: 1 }
}

describe('the key table', () => {
  it('binds no key twice and explains every one', () => {
    const keys = PAIRS_BINDINGS.flatMap((row) => row.on)
    expect(new Set(keys).size).toBe(keys.length)
    expect(PAIRS_BINDINGS.filter((row) => row.desc === '')).toEqual([])
  })

  it('hides keys that cannot work when there is no pair', async () => {
    const { screen } = open([])
    expect(screen()).not.toContain('accept')
  })
})
