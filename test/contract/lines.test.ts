import { describe, expect, it } from 'vitest'
import { TreeLine } from '../../src/training/tree-line.ts'
import { badLines, CONTRACT, fixtureLines } from './contract.ts'

/** Lines of each part, and how many break the contract at least: no fixture file may go missing unnoticed. */
const LEAST = { tree: [3, 28], event: [15, 26], run: [4, 35], control: [4, 4] } as const

describe.each(CONTRACT)('lines of $fixtures.jsonl', ({ name, fixtures, schema }) => {
  it('are what zod takes', () => {
    const lines = fixtureLines(fixtures)
    expect(lines.length).toBeGreaterThanOrEqual(LEAST[name][0])
    for (const line of lines) expect(schema.safeParse(line).error?.issues).toBeUndefined()
  })

  it('that break the contract are refused', () => {
    const bad = badLines(`bad-${fixtures}`)
    expect(bad.length).toBeGreaterThanOrEqual(LEAST[name][1])
    expect(bad.filter(({ line }) => schema.safeParse(line).success).map(({ why }) => why)).toEqual([])
    expect(new Set(bad.map(({ why }) => why)).size).toBe(bad.length)
  })
})

describe('trees that do not hang together', () => {
  it('are no matter of the schema: the trainer’s reader refuses them (trainer/tests/test_contract.py)', () => {
    for (const { why, line } of badLines('unsound-trees'))
      expect([why, TreeLine.safeParse(line).success]).toEqual([why, true])
  })
})
