import type { RolloutRow } from '../model.ts'
import { standingOf } from './standing.ts'

/** Words that look into one part of a rollout only: `state:stuck`, `end:turn-limit`, `task:django`, … */
const FIELDS: Readonly<Record<string, (row: RolloutRow) => string>> = {
  task: (row) => row.task,
  run: (row) => row.run,
  job: (row) => row.job,
  state: stateWords,
  end: (row) => row.end ?? '',
  action: (row) => row.action,
  model: (row) => row.model ?? '',
  sandbox: (row) => row.sandbox ?? '',
}

/**
 * What the `/` line asks for: rollouts that hold every word in task, run, state, end or action, upper and lower case alike. `NAME:word`
 * looks into one part; `!` before a word leaves out what holds it. `undefined`: everything is asked for.
 */
export function rolloutMatcher(filter: string): ((row: RolloutRow) => boolean) | undefined {
  const tests = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '!')
    .map(wordTest)
  return tests.length === 0 ? undefined : (row) => tests.every((test) => test(row))
}

function wordTest(word: string): (row: RolloutRow) => boolean {
  if (word.startsWith('!')) {
    const test = wordTest(word.slice(1))
    return (row) => !test(row)
  }
  const [, name = '', rest = ''] = /^(\w+):(.*)$/s.exec(word) ?? []
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined
  if (field === undefined) return (row) => wholeText(row).includes(word)
  // `resolved` is a part of `unresolved`, so a state is told by how its words begin.
  if (name === 'state')
    return (row) =>
      stateWords(row)
        .split(' ')
        .some((each) => each.startsWith(rest))
  return (row) => field(row).toLowerCase().includes(rest)
}

function stateWords(row: RolloutRow): string {
  const { state, stuck, infrastructure } = row
  return [state, standingOf(row).word, stuck ? 'stuck' : '', infrastructure === undefined ? '' : 'infrastructure'].join(
    ' ',
  )
}

/** Rows that did not change are the same objects, so their text is put together once. */
const texts = new WeakMap<RolloutRow, string>()

function wholeText(row: RolloutRow): string {
  let text = texts.get(row)
  if (text === undefined) {
    text = [row.task, row.run, stateWords(row), row.end ?? '', row.action].join('\n').toLowerCase()
    texts.set(row, text)
  }
  return text
}
