import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventMessage } from '../../../src/training/external/event-message.ts'
import { EventRecords } from '../../../src/training/external/event-records.ts'
import { eventFile } from './event-file.ts'
import { FIXTURES } from './fixtures.ts'

/** Written with TensorBoard's own writer: scalars as plain values and as tensors of many types, and what is no scalar. */
const TENSORS = readFileSync(join(FIXTURES, 'tensors/events.out.tfevents.1796067600.tensors'))

test('scalars are read from plain values and from tensors with one element; histograms, rows and texts are no scalars', () => {
  const messages = new EventRecords().push(TENSORS).map((data) => eventMessage(data))
  const scalars = messages.flatMap(({ step, scalars: found }) => found.map(({ tag, value }) => [step, tag, value]))
  expect(scalars).toEqual([
    [1, 'loss', 0.5],
    [2, 'loss', 0.25],
    [3, 'double', 1 / 3],
    [3, 'int32', -7],
    [3, 'int64', 2 ** 40],
    [3, 'uint8', 200],
    [3, 'one', 2.5],
    [3, 'content', -0.125],
    [3, 'content16', -300],
    [3, 'nan', Number.NaN],
    [4, 'plain', 1.5],
    [4, 'other', -1.5],
  ])
  expect(messages.flatMap(({ texts }) => texts)).toEqual([{ tag: 'note', text: 'hello' }])
  expect(messages.at(-1)?.wallTime).toBe(1_796_067_604)
})

test('steps are int64: large ones are exact to 2^53, negative ones stay negative', () => {
  const stepsOf = (...steps: number[]) =>
    new EventRecords()
      .push(eventFile(steps.map((step) => ({ tag: 'x', step, value: 1 }))))
      .map((data) => eventMessage(data).step)
  const steps = [0, 1, 127, 128, 2 ** 31, 2 ** 32 + 5, 2 ** 53 - 1, -1, -(2 ** 40)]
  expect(stepsOf(...steps)).toEqual(steps)
})

test('a tag that is absurdly long is passed over', () => {
  const [data] = new EventRecords().push(eventFile([{ tag: 'x'.repeat(5000), step: 1, value: 1 }]))
  expect(eventMessage(data ?? new Uint8Array()).scalars).toEqual([])
})
