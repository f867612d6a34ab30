import { describe, expect, test } from 'vitest'
import type { Guide } from '../../views/guide.ts'
import type { Size } from '../../views/pane.ts'
import { createPairsPane } from '../../views/pairs/pane.ts'
import { RolloutsPane } from '../../views/rollouts/pane.ts'
import { TreePane } from '../../views/tree/pane.ts'
import { PlainModel } from '../views/plain-model.ts'
import { Screen } from './screen.ts'

const SIZE: Size = { width: 100, height: 24 }
const COLLECT: Guide = {
  job: 'j1',
  stage: 'collect',
  number: 2,
  of: 7,
  pane: 'rollouts',
  says: '60 rollouts of 10 tasks',
  state: 'running',
}

function open(size = SIZE): { screen: Screen; model: PlainModel; go: (change: Partial<Guide>) => void } {
  const model = new PlainModel('demo')
  model.guideNow = COLLECT
  const panes = [new RolloutsPane(model), new TreePane(model), createPairsPane({ model, reviewer: 'ada' })]
  const screen = new Screen(model, panes, size)
  const go = (change: Partial<Guide>): void => {
    model.guideNow = { ...(model.guideNow ?? COLLECT), ...change }
    model.changed()
  }
  return { screen, model, go }
}

/** The tab in reverse video. */
function shownTab(screen: Screen): string | undefined {
  const [header] = screen.shell.frame()
  return header?.rows[0]?.find(({ selected }) => selected)?.text.trim()
}

describe('a demonstration on the screen', () => {
  test('has a line of its own, and no pane covers it', () => {
    const { screen } = open()
    expect(screen.lines()[1]).toBe(' demo 2/7 collect 60 rollouts of 10 tasks')
    expect(screen.lines()).toHaveLength(SIZE.height)
    expect(screen.lines().at(-1)).toContain('q quit')
  })

  test('leads from pane to pane until the person chooses one, and then says where it is', () => {
    const { screen, go } = open()
    expect(shownTab(screen)).toBe('1 Rollouts')
    go({ stage: 'trees', number: 3, pane: 'tree' })
    expect(shownTab(screen)).toBe('2 Tree')
    screen.press('1')
    go({ stage: 'review', number: 4, pane: 'pairs' })
    expect(shownTab(screen)).toBe('1 Rollouts')
    expect(screen.lines()[1]).toMatch(/ 3 shows it$/)
    screen.press('3')
    expect(screen.lines()[1]).not.toContain('shows it')
  })

  test('counts down to what it does by itself', () => {
    const { screen, model, go } = open()
    go({ stage: 'review', number: 4, pane: 'pairs', says: 'pairs are accepted', untilMs: model.nowMs + 11_200 })
    expect(screen.lines()[1]).toContain('4/7 review in 12 s pairs are accepted')
    model.nowMs += 11_000
    expect(screen.lines()[1]).toContain('in 1 s ')
    model.nowMs += 5_000
    expect(screen.lines()[1]).toContain('in 0 s ')
  })

  test('says how it ended, and goes away with Esc', () => {
    const { screen, go } = open()
    for (const [state, text] of [
      ['lost', 'its process is gone; :demo goes on with it'],
      ['stopped', ':demo goes on with it'],
      ['failed', ':job log j1 may say why'],
      ['done', 'the report is what came of it'],
    ] as const) {
      go({ state })
      expect(screen.lines()[1]).toContain(text)
    }
    screen.press('esc')
    expect(screen.lines()[1]).not.toContain('demo')
    go({ says: 'other words' })
    expect(screen.lines()[1]).not.toContain('demo')
    go({ job: 'j9', state: 'running' })
    expect(screen.lines()[1]).toContain('demo 2/7 collect')
  })

  test('what a session says reaches the screen as plain text, at any width', () => {
    const { screen, go } = open({ width: 60, height: 16 })
    go({ says: `\u001b[2J\u202e${'very long '.repeat(30)}`, note: '\u001b]52;c;x\u0007' })
    for (const hidden of ['\u001b', '\u202e', '\u0007']) expect(screen.text()).not.toContain(hidden)
    expect(screen.lines()[1]?.length).toBeLessThanOrEqual(60)
  })
})
