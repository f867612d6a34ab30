import { appendFileSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { OwnTraining } from '../../../src/training/external/own-training.ts'
import { findTraces } from '../../../src/training/external/traces.ts'
import type { RunEvent } from '../../../src/training/run-event.ts'
import { temporaryFolder } from '../../sessions/temporary.ts'
import { startEvent, stepEvent } from '../run-events.ts'

function line(event: RunEvent, seq: number): string {
  return `${JSON.stringify({ v: 1, seq, t: 1_700_000_000 + seq, run: 'r7', ...event })}\n`
}

/** As it is heard: with the time of its line. */
const timed = (event: RunEvent | undefined, seq: number) => ({ ...event, t: 1_700_000_000 + seq })

const end = (status: 'completed' | 'stopped' | 'failed'): RunEvent => ({ type: 'end', status, best: [], seconds: 9 })

test('events are heard as they were said; an end counts only while nothing follows it', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'events.jsonl')
  const said = [startEvent('sft', 4), stepEvent('sft', 1, 0.5), end('stopped')]
  writeFileSync(path, said.map((event, at) => line(event, at + 1)).join(''))
  const traces = await findTraces(folder)
  expect(traces.ownEvents).toEqual([path])
  const training = new OwnTraining(path)
  expect(await training.look(traces)).toBe(true)
  expect([...training.events(true)]).toEqual(said.slice(0, 2).map((event, at) => timed(event, at + 1)))
  expect(training.standing()).toEqual({ done: 'sure', step: 1, totalSteps: 4 })
  expect(training.end('stopped', 'looked at')).toEqual(end('stopped'))

  const more = [{ ...startEvent('sft', 4), resume: { step: 1 } }, stepEvent('sft', 2, 0.4)]
  appendFileSync(path, `${line(more[0] ?? end('failed'), 4)}{"v":1,"type":"weather","seq":5}\nbroken\n{}\n`)
  appendFileSync(path, line(more[1] ?? end('failed'), 6).slice(0, 30))
  await training.look(traces)
  expect([...training.events(true)]).toEqual([
    end('stopped'),
    timed(more[0], 4),
    { type: 'warning', message: 'events.jsonl:6 is no event; such lines are passed over' },
  ])
  expect(training.standing().done).toBe('no')
  appendFileSync(path, line(more[1] ?? end('failed'), 6).slice(30))
  await training.look(traces)
  expect([...training.events(true)]).toEqual([timed(more[1], 6)])
  expect(training.end('stopped', 'looked at until step 2')).toMatchObject({ message: 'looked at until step 2' })
})

test('another file by that name is no events.jsonl of ours', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'events.jsonl'), '{"type":"click"}\n')
  expect(await findTraces(folder)).toMatchObject({ ownEvents: [], trainings: [], isEmpty: false })
})

test('every event that our trainer may say is heard', async () => {
  const path = join(temporaryFolder(), 'events.jsonl')
  copyFileSync('trainer/contract/fixtures/events.jsonl', path)
  const training = new OwnTraining(path)
  await training.look(await findTraces(join(path, '..')))
  const events = [...training.events(true)]
  expect(new Set(events.map(({ type }) => type)).size).toBeGreaterThan(5)
  expect(events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))).not.toContainEqual(
    expect.stringContaining('is no event'),
  )
})
