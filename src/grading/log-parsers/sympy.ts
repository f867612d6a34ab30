import type { TestStatus } from '../verdict.ts'
import { linesOf, record, type Statuses, wordsOf } from './statuses.ts'

const LETTERS: Readonly<Record<string, TestStatus>> = { ok: 'PASSED', F: 'FAILED', E: 'ERROR' }

/**
 * Output of sympy's `bin/test -C --verbose`: `test_x ok`, `test_y F`, and a heading
 * `_____ sympy/core/tests/test_a.py:test_y _____` above every traceback (SWE-bench `log_parsers/python.py`). sympy's
 * other letters (`f` expected failure, `X` unexpected success, `s` skipped) are not read there, so no row names such a test.
 */
export function parseSympy(log: string): Statuses {
  const statuses: Statuses = new Map()
  for (const raw of linesOf(log)) {
    const line = raw.trim()
    const heading = headingOf(line)
    if (heading !== undefined) record(statuses, heading, 'FAILED')
    if (!line.startsWith('test_')) continue
    const words = wordsOf(line)
    const status = LETTERS[words.at(-1) ?? '']
    const [test] = words
    if (status !== undefined && test !== undefined && words.length > 1) record(statuses, test, status)
  }
  return statuses
}

/** `___ sympy/core/tests/test_a.py:test_y ___` → `sympy/core/tests/test_a.py:test_y`. */
function headingOf(line: string): string | undefined {
  if (!line.startsWith('_') || !line.endsWith('_')) return undefined
  const words = wordsOf(line)
  const name = words.slice(1, -1).join(' ')
  return words.length >= 3 && name.includes('.py:') ? name : undefined
}
