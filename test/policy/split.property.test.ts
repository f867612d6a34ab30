import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventStream, type StreamEvent } from '../../src/policy/event-stream.ts'
import { ReplyReader } from '../../src/policy/reply-reader.ts'
import { completionOf, eventsOf } from './openai-answers.ts'
import { asking, policyOf, serve } from './asking.ts'

const ANSWER = {
  content: 'Zoë wrote 漢字 🙂\r\n{"a": "b"}\u2028 data: x',
  reasoning: 'Grübeln …',
  toolCalls: [
    { id: 'a', name: 'bash', arguments: { command: 'echo "ü" }' } },
    { id: 'b', name: 'edit', arguments: '{"broken' },
  ],
  logprobs: [-0.5, -1],
}
const USAGE = { prompt_tokens: 12, completion_tokens: 34 }

function streamBytes(newline: string): Buffer {
  const lines = eventsOf(ANSWER, USAGE).map((event) => `data: ${JSON.stringify(event)}${newline}${newline}`)
  const inTwoLines = `data: {"choices":${newline}data: []}${newline}${newline}`
  return Buffer.from([`: ping${newline}`, inTwoLines, ...lines, `data: [DONE]`].join(''))
}

function readAll(bytes: Buffer, cuts: readonly number[]): unknown {
  const heard: string[] = []
  const reader = new ReplyReader({
    n: 1,
    maxChars: 10_000,
    hear: ({ channel, text }) => heard.push(`${channel}:${text}`),
    abandon: () => false,
  })
  let from = 0
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    if (reader.take(bytes.subarray(from, cut)) === 'enough') break
    from = cut
  }
  const [draft] = reader.end()
  return { message: draft?.message(2), finish: draft?.finish, logprobs: draft?.logprobs, usage: reader.usage, heard }
}

const FORMS = [
  ['LF', streamBytes('\n')],
  ['CRLF', streamBytes('\r\n')],
  ['CR', streamBytes('\r')],
  ['one JSON document', Buffer.from(JSON.stringify(completionOf(ANSWER, USAGE), null, 2))],
] as const

test.for(FORMS)('however the bytes of %s are split, the reply is the same', ([, bytes]) => {
  const whole = readAll(bytes, [])
  expect(whole).toMatchObject({
    message: { content: ANSWER.content, reasoning: ANSWER.reasoning },
    finish: 'tool_calls',
    usage: { prompt: 12, completion: 34 },
  })
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
      expect(readAll(bytes, cuts)).toEqual(whole)
    }),
  )
  expect(readAll(bytes, Array.from(bytes.keys()))).toEqual(whole)
})

test.for([2, 7])('over a connection that carries %i bytes at a time the reply is the same', async (chunkBytes) => {
  const server = await serve({ answers: [{ content: 'Zoë 漢字 🙂', toolCalls: ANSWER.toolCalls }], chunkBytes })
  const { message } = await policyOf(server, { contextTokens: 1000 }).reply(asking())
  expect(message.content).toBe('Zoë 漢字 🙂')
  expect(message.toolCalls?.map((call) => call.arguments)).toEqual([{ command: 'echo "ü" }' }, '{"broken'])
})

test('any bytes at all end as events or noise, never as an exception', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (pieces) => {
      const stream = new EventStream()
      const events: StreamEvent[] = pieces.flatMap((piece) => [...stream.push(piece)])
      events.push(...stream.end())
      expect(events.every((event) => typeof event.type === 'string')).toBe(true)
    }),
  )
})
