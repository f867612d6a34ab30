import { linesOf, record, type Statuses, wordsOf } from './statuses.ts'

/** `pytest --no-header -rA` as seaborn's rows were read: only passed and failed tests count (SWE-bench `log_parsers/python.py`). */
export function parseSeaborn(log: string): Statuses {
  const statuses: Statuses = new Map()
  for (const line of linesOf(log)) {
    if (line.startsWith('FAILED') || line.startsWith('PASSED')) {
      const [status, test] = wordsOf(line)
      if (test !== undefined && (status === 'FAILED' || status === 'PASSED')) record(statuses, test, status)
    } else if (line.includes(' PASSED ')) {
      const [test, status] = wordsOf(line)
      if (test !== undefined && status === 'PASSED') record(statuses, test, status)
    }
  }
  return statuses
}
