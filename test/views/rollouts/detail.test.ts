import { describe, expect, test } from 'vitest'
import { bashStep, queuedRow } from './live-model.ts'
import { NARROW, open, ROWS, WIDE } from './step-model.ts'

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

  test('a prompt that is stored later than its steps appears', () => {
    const { screen, model } = open(WIDE)
    screen.press('enter', 'g')
    expect(screen.text()).toContain('prompt · not sent yet')
    model.prompt = () => [{ role: 'user', content: 'Mend it.' }]
    model.changed()
    expect(screen.text()).toContain('prompt · 1 message, 8 characters')
  })

  test('a rollout that is run again starts an empty transcript', () => {
    const { screen, model } = open(WIDE)
    expect(screen.text()).toContain('bash echo 10')
    model.setRollouts([{ ...queuedRow(1), task: 'dask__dask-9349', run: '1' }])
    expect(screen.text()).not.toContain('bash echo')
    expect(screen.text()).toContain('waiting for its turn')
  })
})
