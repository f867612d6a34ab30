import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { humanEvalFixCase } from '../../src/tasks/humanevalfix.ts'
import { isInvalidHumanEvalFix } from '../../src/tasks/humanevalfix-validity.ts'
import { rowTask } from '../../src/tasks/row-set.ts'
import { DATA } from '../importers/source-files.ts'
import { judged, mapped, ran } from './judge.ts'
import { needs } from '../needs.ts'

needs('python3', 'git')

const FOLDER = join(DATA, 'tasks/humanevalpack')
const have = existsSync(FOLDER)
const NEEDS = have ? '' : ' (skipped: needs ../shared/data/tasks/humanevalpack)'
const havePython = (await ran('python3 -c 0', '.')).exitCode === 0
const PYTHON_NEEDS = have && !havePython ? ' (skipped: needs python3)' : NEEDS

/** Ids of the rows of one language whose hidden test does not end as it must, for the canonical and for the buggy file. */
async function wrongRows(name: string): Promise<{ readonly rows: number; readonly wrong: readonly string[] }> {
  const rows = readFileSync(join(FOLDER, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, string>)
  const found = await mapped(rows, 4, async (row) => {
    const task = rowTask(row)
    const file = humanEvalFixCase(task)?.file ?? ''
    const canonical = `${row['declaration']}${row['canonical_solution']}\n${row['test']}\n`
    const right = await judged(task, { [file]: canonical })
    const buggy = await judged(task, {})
    return [
      ...(right.exitCode === 0 ? [] : [`${task.id} canonical: ${right.output.slice(-300)}`]),
      ...(buggy.exitCode !== 0 ? [] : [`${task.id} buggy passes`]),
      ...(isInvalidHumanEvalFix(task, canonical) ? [`${task.id} canonical is called invalid`] : []),
      ...(isInvalidHumanEvalFix(task, task.environment.files[file]) ? [`${task.id} buggy is no complete code`] : []),
    ]
  })
  return { rows: rows.length, wrong: found.flat() }
}

test.skipIf(!have || !havePython)(
  `each of the 164 Python rows is resolved by its canonical solution and not by its buggy one${PYTHON_NEEDS}`,
  { timeout: 300_000 },
  async () => {
    expect(await wrongRows('python.jsonl')).toEqual({ rows: 164, wrong: [] })
  },
)

test.skipIf(!have)(
  `each of the 164 JavaScript rows is resolved by its canonical solution and not by its buggy one${NEEDS}`,
  { timeout: 300_000 },
  async () => {
    // Their buggy solutions do not parse: a missing operator, a variable declared twice.
    const broken = ['JavaScript/113', 'JavaScript/144'].map((id) => `${id} buggy is no complete code`)
    expect(await wrongRows('js.jsonl')).toEqual({ rows: 164, wrong: broken })
  },
)
