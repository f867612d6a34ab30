import { describe, expect, test } from 'vitest'
import type { RolloutRow } from '../../../views/model.ts'
import { rowCells } from '../../../views/paint/row.ts'
import { RolloutsPane } from '../../../views/rollouts/pane.ts'
import { rolloutRow } from './live-model.ts'
import { NARROW, open, ROWS, SIZES, WIDE } from './step-model.ts'

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
