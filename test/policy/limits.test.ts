import { describe, expect, test } from 'vitest'
import type { Message } from '../../src/domain/message.ts'
import { asking, faultOf, HELLO, policyOf, serve } from './asking.ts'
import { refusal } from './openai-server.ts'
import { OVERFLOWS } from './overflow-texts.ts'

describe('a reply of 10 MB', () => {
  const megabytes = 'lorem ipsum '.repeat(875_000)

  test('is cut at the cap, the rest is not read, memory stays bounded', async () => {
    const server = await serve([{ content: megabytes, pieceLength: 1000 }])
    const before = process.memoryUsage().rss
    const reply = await policyOf(server).reply(asking())
    expect(reply).toMatchObject({ finish: 'length', estimated: true })
    expect(reply.message.content).toHaveLength(1_000_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
    await expect.poll(() => server.requests[0]?.closedEarly).toBe(true)
  })

  test('is cut where it comes in one piece, as one event or without a stream', async () => {
    const server = await serve([
      { content: megabytes, pieceLength: megabytes.length },
      { content: megabytes, stream: false },
    ])
    const policy = policyOf(server, { maxReplyChars: 5000 })
    for (let at = 0; at < 2; at++) {
      const reply = await policy.reply(asking())
      expect(reply.finish).toBe('length')
      expect(reply.message.content).toHaveLength(5000)
    }
  })

  test('is cut inside reasoning and arguments too; a half call stays raw', async () => {
    const server = await serve([
      { reasoning: megabytes.slice(0, 20_000), content: 'never reached' },
      { toolCalls: [{ id: 'a', name: 'edit', arguments: { text: megabytes.slice(0, 20_000) } }] },
    ])
    const policy = policyOf(server, { maxReplyChars: 5000 })
    const thought = await policy.reply(asking())
    expect(thought.message.reasoning).toHaveLength(5000)
    expect(thought).toMatchObject({ finish: 'length', message: { content: '' } })
    const [call] = (await policy.reply(asking())).message.toolCalls ?? []
    expect(typeof call?.arguments).toBe('string')
  })

  test('of a stream without line ends is given up', async () => {
    const server = await serve([{ raw: Array.from({ length: 40 }, () => `data: ${'x'.repeat(1_000_000)}`) }])
    const error = await faultOf(policyOf(server, { retry: { brokenAttempts: 1 } }).reply(asking()))
    expect(error.fault).toBe('broken')
    expect(error.message.length).toBeLessThan(600)
  })
})

test('a reply that is abandoned ends there, and the server is told by closing', async () => {
  const server = await serve([{ content: 'again and '.repeat(100), pieceLength: 10, delayMs: 2 }])
  let heard = ''
  const reply = await policyOf(server).reply(
    asking({ onDelta: ({ text }) => (heard += text), abandon: () => heard.length >= 50 }),
  )
  expect(reply).toMatchObject({ finish: 'abandoned', estimated: true })
  expect(reply.message.content).toBe('again and '.repeat(5))
  await expect.poll(() => server.requests[0]?.closedEarly).toBe(true)
})

describe('a conversation that does not fit', () => {
  test.for(OVERFLOWS)('is known by $who: $text', async ({ body, status, limit }) => {
    const server = await serve([{ status, body }])
    const error = await faultOf(policyOf(server).reply(asking()))
    expect(error.fault).toBe('context')
    expect(error.limitTokens).toBe(limit)
  })

  test('is known inside a stream too', async () => {
    const text = "The input (5000 tokens) is longer than the model's context length (4096 tokens)."
    const server = await serve([{ raw: [`data: ${JSON.stringify({ error: { message: text, code: 400 } })}\n\n`] }])
    expect(await faultOf(policyOf(server).reply(asking()))).toMatchObject({ fault: 'context', limitTokens: 4096 })
  })

  test('is not what a rate limit says about tokens', async () => {
    const said = 'Request too large for model: tokens per min limit, maximum context length of the tier'
    const server = await serve([refusal(429, said), 'ok'])
    expect((await policyOf(server).reply(asking())).message.content).toBe('ok')
  })

  test('is asked again with a shorter reply where the prompt alone fits', async () => {
    const server = await serve((request) => {
      const max = request.body.max_tokens ?? 0
      if (1500 + max <= 2000) return { content: 'short', usage: { prompt: 1500, completion: 2 } }
      return refusal(
        400,
        `This model's maximum context length is 2000 tokens. However, you requested ${1500 + max} tokens (1500 in the messages, ${max} in the completion). Please reduce the length of the messages or completion.`,
      )
    })
    const policy = policyOf(server, { contextTokens: 100_000, sampling: { maxTokens: 1024 } })
    expect((await policy.reply(asking())).message.content).toBe('short')
    const [, second] = server.requests
    expect(second?.body.max_tokens).toBeLessThanOrEqual(500)
    expect(second?.body.max_tokens).toBeGreaterThan(400)
    expect(await policy.contextTokens(new AbortController().signal)).toBe(2000)
  })
})

describe('the budget', () => {
  test('shortens replies as the conversation grows by what the server counted, then refuses without asking', async () => {
    // A tokenizer with two and a half bytes per token: more than any guess assumes.
    const server = await serve({
      contextTokens: 8000,
      answers: (request) => ({
        content: 'y'.repeat(900),
        usage: { prompt: Math.round(JSON.stringify(request.body.messages).length / 2.5), completion: 300 },
      }),
    })
    const policy = policyOf(server, { sampling: { maxTokens: 1000 } })
    let messages: readonly Message[] = HELLO
    let fault: string | undefined
    for (let turn = 0; turn < 40 && fault === undefined; turn++) {
      const request = asking({ messages: [...messages] })
      await policy.reply(request).then(
        ({ message, tokens }) => {
          const asked = server.requests.at(-1)?.body.max_tokens ?? 0
          expect(tokens.prompt + asked).toBeLessThanOrEqual(8000)
          messages = [...messages, message, { role: 'user', content: 'z'.repeat(1100) }]
        },
        (error: { fault: string; limitTokens: number }) => {
          fault = error.fault
          expect(error.limitTokens).toBe(8000)
        },
      )
    }
    expect(fault).toBe('context')
    const asked = server.requests.map((request) => request.body.max_tokens ?? 0)
    expect(asked[0]).toBe(1000)
    expect(asked.at(-1)).toBeLessThan(1000)
    const lastPrompt = JSON.stringify(server.requests.at(-1)?.body.messages).length / 2.5
    expect(lastPrompt).toBeGreaterThan(8000 - 256 - 1200)
  })

  test("of our own holds where no length was asked for; the server's is left to the server", async () => {
    const server = await serve({ answers: ['ok'], contextTokens: 4000 })
    await policyOf(server, { contextTokens: 2000 }).reply(asking())
    expect(server.requests[0]?.body.max_tokens).toBeGreaterThan(1900)
    expect(server.requests[0]?.body.max_tokens).toBeLessThan(2000)
    await policyOf(server).reply(asking())
    expect(server.requests[1]?.body).not.toHaveProperty('max_tokens')
  })

  test('counts text that is not English by its bytes', async () => {
    const server = await serve(['ok'])
    const messages = [{ role: 'user' as const, content: '漢'.repeat(3000) }]
    await policyOf(server, { contextTokens: 4000, sampling: { maxTokens: 4000 } }).reply(asking({ messages }))
    expect(server.requests[0]?.body.max_tokens).toBeLessThan(1000)
  })

  test('asks the server for its size once, also for many replies at a time', async () => {
    const server = await serve(['ok'])
    const policy = policyOf(server)
    await Promise.all(Array.from({ length: 8 }, () => policy.reply(asking())))
    expect(server.paths.filter((path) => path === '/v1/models')).toHaveLength(1)
  })
})
