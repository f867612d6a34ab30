import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SessionReport } from '../../../views/session-report.ts'
import { textCall } from '../../evaluation/trajectories.ts'
import { begin, end } from '../../sessions/evaluated.ts'
import { temporarySession } from '../../sessions/temporary.ts'

test('nothing is read before somebody asks, then only what ended since', async () => {
  const session = temporarySession()
  const { rollouts } = begin(session, 'before', ['a', 'b'])
  const [a = 0, b = 0] = rollouts
  end(session, a, [textCall('ls')], { outcome: 'resolved' })
  let told = 0
  using report = new SessionReport(session, () => void told++)
  expect(report.refresh()).toBe(false)

  const ready = async () => {
    let value = report.report()
    while (value.state === 'loading') {
      await turn()
      value = report.report()
    }
    return value
  }
  expect(await ready()).toMatchObject({ state: 'ready', value: { evaluations: [{ name: 'before', ended: 1 }] } })
  const first = report.report()
  expect(report.refresh()).toBe(false)
  expect(report.report()).toBe(first)

  end(session, b, [textCall('ls')], { outcome: 'unresolved' })
  expect(report.refresh()).toBe(true)
  expect(await ready()).toMatchObject({ value: { evaluations: [{ ended: 2, resolved: { count: 1, total: 2 } }] } })
})

test('many rollouts are measured in slices: what is left is said, and the screen is told of each', async () => {
  const session = temporarySession()
  const { rollouts } = begin(
    session,
    'before',
    Array.from({ length: 40 }, (_, at) => `t${at}`),
  )
  const long = Array.from({ length: 60 }, (_, at) => textCall(`command ${at}`, 'x'.repeat(2000)))
  for (const id of rollouts) end(session, id, long, { outcome: 'resolved' })
  let told = 0
  using report = new SessionReport(session, () => void told++)
  const first = report.report()
  expect(first.state === 'loading' ? first.note : '0 to go').toMatch(/^\d+ to go$/)
  while (report.report().state === 'loading') await turn()
  expect(report.report()).toMatchObject({ state: 'ready', value: { evaluations: [{ ended: 40 }] } })
  expect(told > 0).toBe(first.state === 'loading')
})

test('a session that cannot be read is said, not thrown', () => {
  const session = temporarySession()
  using report = new SessionReport(session, () => undefined)
  session.db.exec('drop table evaluation')
  expect(report.report()).toMatchObject({ state: 'error', message: expect.stringContaining('evaluation') })
})
