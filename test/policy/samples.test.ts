import { expect, test } from 'vitest'
import { asking, faultOf, policyOf, serve } from './asking.ts'
import { refusal } from './openai-server.ts'

const A = { content: 'aaaa', logprobs: [-1, -1] }
const B = { content: 'bbbbbbbb', logprobs: [-2, -2, -2, -2] }
const C = { content: 'cc' }
const prices = { promptPerMillion: 1, completionPerMillion: 1 }

test('several replies come from one request, each with its own text, tokens and logprobs', async () => {
  const server = await serve([{ choices: [A, B], usage: { prompt: 100, completion: 6 } }])
  let heard = ''
  const replies = await policyOf(server, { prices }).replies(asking({ onDelta: ({ text }) => (heard += text) }), 2)
  expect(server.requests.map((request) => request.body.n)).toEqual([2])
  expect(replies.map((reply) => reply.message.content)).toEqual(['aaaa', 'bbbbbbbb'])
  expect(replies.map((reply) => reply.tokens)).toEqual([
    { prompt: 100, completion: 2 },
    { prompt: 100, completion: 4 },
  ])
  expect(replies.map((reply) => reply.estimated)).toEqual([false, false])
  expect(replies.reduce((sum, reply) => sum + (reply.costUsd ?? 0), 0)).toBeCloseTo(106e-6, 12)
  expect(heard).toBe('aaaa')
})

test('written tokens are shared out by length where no logprobs tell', async () => {
  const server = await serve([{ choices: [{ content: 'aaaaaa' }, C], usage: { prompt: 10, completion: 40 } }])
  const replies = await policyOf(server).replies(asking(), 2)
  expect(replies.map((reply) => reply.tokens.completion)).toEqual([30, 10])
  expect(replies.every((reply) => reply.estimated)).toBe(true)
})

test('a server that draws fewer is asked for the rest, with other seeds, and only once more in one request', async () => {
  const server = await serve((_request, index) => (index === 0 ? A : { content: `reply ${index}` }))
  const policy = policyOf(server, { sampling: { seed: 10 } })
  const replies = await policy.replies(asking(), 3)
  expect(replies.map((reply) => reply.message.content)).toEqual(['aaaa', 'reply 1', 'reply 2'])
  expect(server.requests.map(({ body }) => [body.n, body['seed']])).toEqual([
    [3, 10],
    [undefined, 11],
    [undefined, 12],
  ])
  await policy.replies(asking(), 2)
  expect(server.requests.slice(3).map(({ body }) => [body.n, body['seed']])).toEqual([
    [undefined, 10],
    [undefined, 11],
  ])
})

test('a server that refuses n is asked one by one', async () => {
  const server = await serve((request, index) =>
    request.body.n === undefined ? `reply ${index}` : refusal(400, 'n must be 1 when using greedy sampling, got 3.'),
  )
  const replies = await policyOf(server).replies(asking(), 3)
  expect(new Set(replies.map((reply) => reply.message.content)).size).toBe(3)
  expect(server.requests.filter(({ body }) => body.n !== undefined).length).toBeLessThanOrEqual(2)
})

test('one failure among many ends the others', async () => {
  const server = await serve((request, index) => {
    if (request.body.n !== undefined) return refusal(400, 'n is not supported')
    return server.requests.filter(({ body }) => body.n === undefined).length === 1
      ? refusal(401, 'key expired')
      : { content: `late ${index}`, firstDelayMs: 60_000 }
  })
  const startedMs = performance.now()
  expect((await faultOf(policyOf(server).replies(asking(), 3))).fault).toBe('key')
  expect(performance.now() - startedMs).toBeLessThan(5000)
})

test('no replies cost no request', async () => {
  const server = await serve(['x'])
  expect(await policyOf(server).replies(asking(), 0)).toEqual([])
  expect(server.requests).toHaveLength(0)
})
