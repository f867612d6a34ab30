import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Analysis } from '../../sessions/analysis.ts'
import { Session } from '../../sessions/session.ts'
import { run, store } from '../sessions/temporary.ts'
import { startEvent } from '../training/run-events.ts'
import { Cli } from './cli.ts'

interface Shown {
  readonly status: string
  readonly flagged: boolean
  readonly note?: string
}

/** Three accepted pairs, and a run that prefers the first of them the wrong way round. */
function trained(): { cli: Cli; ids: string[] } {
  const cli = new Cli()
  const path = join(cli.folder, 's.db')
  const session = Session.open(path, { create: true })
  for (const task of ['a', 'b', 'c'])
    store(
      session,
      [run(task, '1', ['ls', 'fix'], 'resolved'), run(task, '2', ['ls', 'guess'], 'unresolved')],
      `/runs/${task}.jsonl`,
    )
  const analysis = new Analysis(session)
  const pairs = [...analysis.pairs()].map((pair) => analysis.reviewed(pair))
  session.reviews.append(pairs, 'accept', 'ada')
  const ids = pairs.map(({ pair }) => pair.id)
  session.record(() => {
    const job = session.jobs.create('training', '{}')
    const own = session.runs.create({ job, dataset: undefined, trainer: 'torch', model: 'm', settings: '{}' })
    session.runs.append(own, startEvent('dpo', 10))
    for (const step of [2, 3, 4])
      session.runs.append(own, {
        type: 'step',
        stage: 'dpo',
        step,
        epoch: 1,
        metrics: { loss: 0.5 },
        batch: ids,
        margins: [-0.4, 0.3, 0.2],
        etaSeconds: null,
      })
  })
  session.close()
  return { cli, ids }
}

test('pairs of a run go back to review with what their margins are, and undo takes that back at once', () => {
  const { cli, ids } = trained()
  const at = ['--session', join(cli.folder, 's.db')]
  const [first = '', second = '', third = ''] = ids
  const show = (id: string) => cli.json<Shown>('pair', 'show', id, ...at)
  expect(cli.run(['pair', 'reopen', '--run', 'r1', ...at]).stdout).toContain(
    `pair ${first} (a) is now pending, flagged`,
  )
  expect(show(first)).toMatchObject({
    status: 'pending',
    flagged: true,
    note: 'margin −0.40 in r1, negative 3 of 3 times',
  })
  expect(show(second)).toMatchObject({ status: 'accepted', flagged: false })

  cli.json('pair', 'undo', first, ...at)
  expect(show(first)).toMatchObject({ status: 'accepted', flagged: false })
  expect(show(first).note).toBeUndefined()

  expect(cli.run(['pair', 'reopen', second, third, '--note', 'look again', ...at]).stdout).toContain('reopen: 2 pairs')
  expect(show(third)).toMatchObject({ status: 'pending', flagged: true, note: 'look again' })
  expect(cli.run(['pair', 'reopen', ...at]).stderr).toContain('give pairs or a run')
  expect(cli.run(['pair', 'reopen', second, 'p000000000000', ...at]).stderr).toContain('there is no pair')
  expect(cli.run(['pair', 'reopen', '--run', 'r9', ...at]).stderr).toContain('there is no run r9')
})
