import { describe, expect, test } from 'vitest'
import type { ReplyDelta } from '../../src/policy/policy.ts'
import { asking, faultOf, HELLO, policyOf, serve } from './asking.ts'

describe('a streamed reply', () => {
  test('arrives whole, in pieces, with tokens, cost and times', async () => {
    const server = await serve([
      { content: 'Naïve – 漢字 🙂 text', usage: { prompt: 1000, completion: 50, cached: 900 }, pieceLength: 3 },
    ])
    const deltas: ReplyDelta[] = []
    const reply = await policyOf(server, { prices: { promptPerMillion: 2, completionPerMillion: 10 } }).reply(
      asking({ onDelta: (delta) => deltas.push(delta) }),
    )
    expect(reply.message).toEqual({ role: 'assistant', content: 'Naïve – 漢字 🙂 text' })
    expect(deltas.length).toBeGreaterThan(5)
    expect(deltas.map((delta) => delta.text).join('')).toBe('Naïve – 漢字 🙂 text')
    expect(reply).toMatchObject({
      finish: 'stop',
      tokens: { prompt: 1000, completion: 50, cached: 900 },
      estimated: false,
    })
    expect(reply.costUsd).toBeCloseTo(0.0025, 10)
    expect(reply.firstTokenMs).toBeLessThanOrEqual(reply.durationMs)
  })

  test.for(['reasoning_content', 'reasoning'] as const)('keeps %s apart', async (reasoningField) => {
    const server = await serve([{ content: 'Answer', reasoning: 'Let me think', reasoningField }])
    const { message } = await policyOf(server).reply(asking())
    expect(message).toEqual({ role: 'assistant', content: 'Answer', reasoning: 'Let me think' })
  })

  test('is taken once where a server sends reasoning under both names', async () => {
    const delta = { reasoning: 'hm', reasoning_content: 'hm' }
    const server = await serve([{ raw: [event({ choices: [{ index: 0, delta, finish_reason: 'stop' }] })] }])
    expect((await policyOf(server).reply(asking())).message.reasoning).toBe('hm')
  })

  test('survives CRLF, comments, noise, other fields and a missing last newline', async () => {
    const server = await serve([
      {
        raw: [
          ': keep-alive\r\n\r\nevent: message\r\nid: 1\r\nretry: 10\r\nnoise without a field\r\n',
          `data: {"choices":[{"index":0,\r\ndata: "delta":{"content":"one "}}]}\r\n\r\n`,
          `data:${JSON.stringify({ choices: [{ index: 0, delta: { content: 'two' }, finish_reason: 'stop' }] })}`,
        ],
      },
    ])
    expect((await policyOf(server).reply(asking())).message.content).toBe('one two')
  })

  test.for(['empty', 'null'] as const)('reads a usage chunk whose choices are %s', async (usageChoices) => {
    const server = await serve([{ content: 'x', usage: { prompt: 7, completion: 3 }, usageChoices }])
    const reply = await policyOf(server).reply(asking())
    expect(reply).toMatchObject({ tokens: { prompt: 7, completion: 3 }, estimated: false })
  })

  test('is estimated where the server counts nothing', async () => {
    const server = await serve([{ content: 'x'.repeat(300), usage: 'none' }])
    const reply = await policyOf(server).reply(asking())
    expect(reply).toMatchObject({ estimated: true, tokens: { completion: 100 } })
    expect(reply.tokens.prompt).toBeGreaterThan(10)
  })

  test('counts as llama.cpp does where only timings are told', async () => {
    const timings = { prompt_n: 5, cache_n: 95, predicted_n: 9 }
    const choices = [{ index: 0, delta: { content: 'x' }, finish_reason: 'stop' }]
    const server = await serve([{ raw: [event({ choices, timings })] }])
    const reply = await policyOf(server).reply(asking())
    expect(reply).toMatchObject({ tokens: { prompt: 100, completion: 9, cached: 95 }, estimated: false })
  })

  test('is read from a server that ignores stream: true', async () => {
    const server = await serve([
      {
        content: 'Whole',
        reasoning: 'thought',
        toolCalls: [{ id: 'c1', name: 'bash', arguments: { command: 'ls' } }],
        stream: false,
        logprobs: [-0.5, -0.25],
      },
    ])
    const deltas: ReplyDelta[] = []
    const reply = await policyOf(server).reply(asking({ onDelta: (delta) => deltas.push(delta) }))
    expect(reply.message).toEqual({
      role: 'assistant',
      content: 'Whole',
      reasoning: 'thought',
      toolCalls: [{ id: 'c1', name: 'bash', arguments: { command: 'ls' } }],
    })
    expect(reply).toMatchObject({ finish: 'calls', estimated: false, logprobs: [-0.5, -0.25] })
    expect(deltas.map((delta) => delta.channel)).toEqual(['reasoning', 'content', 'call', 'call'])
  })

  test('keeps logprobs, length and the stop text', async () => {
    const server = await serve([
      { content: 'ab', logprobs: [-1.5, -0.001], finish: 'length' },
      { content: 'ab', stopReason: '</function' },
      { content: 'ab', stopReason: 151_645 },
    ])
    const policy = policyOf(server, { sampling: { logprobs: true } })
    const cut = await policy.reply(asking())
    expect(cut).toMatchObject({ finish: 'length', logprobs: [-1.5, -0.001] })
    expect(server.requests[0]?.body['logprobs']).toBe(true)
    expect(await policy.reply(asking())).toMatchObject({ finish: 'stop', stopText: '</function' })
    expect(await policy.reply(asking())).not.toHaveProperty('stopText')
  })

  test('of nothing is a reply of nothing', async () => {
    const server = await serve([{ content: '' }])
    expect(await policyOf(server).reply(asking())).toMatchObject({
      message: { role: 'assistant', content: '' },
      finish: 'stop',
    })
  })
})

describe('a request', () => {
  test('carries sampling, stop texts and the literal conversation', async () => {
    const server = await serve(['ok'])
    const messages = [
      ...HELLO,
      {
        role: 'assistant' as const,
        content: '',
        toolCalls: [
          { id: 'a', name: 'bash', arguments: { command: 'ls' } },
          { id: 'b', name: 'bash', arguments: '{"command": "l' },
        ],
      },
      { role: 'tool' as const, content: 'file', toolCallId: 'a', name: 'bash' },
    ]
    await policyOf(server, { sampling: { temperature: 0.7, topP: 0.9, seed: 4, maxTokens: 100 } }).reply(
      asking({ messages, stop: ['</function'], sampling: { temperature: 0 } }),
    )
    expect(server.requests[0]?.body).toEqual({
      model: 'test-model',
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      top_p: 0.9,
      seed: 4,
      max_tokens: 100,
      stop: ['</function'],
      messages: [
        { role: 'system', content: 'You fix bugs.' },
        { role: 'user', content: 'Fix this one.' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'bash', arguments: '{"command":"ls"}' } },
            {
              id: 'b',
              type: 'function',
              function: { name: 'bash', arguments: '{"malformed":"{\\"command\\": \\"l"}' },
            },
          ],
        },
        { role: 'tool', content: 'file', tool_call_id: 'a', name: 'bash' },
      ],
    })
  })

  test('never joins stop texts with tools', async () => {
    const server = await serve(['ok'])
    await policyOf(server).reply(asking({ tools: [{ type: 'function', function: { name: 'bash' } }], stop: ['x'] }))
    expect(server.requests[0]?.body.tools).toHaveLength(1)
    expect(server.requests[0]?.body).not.toHaveProperty('stop')
  })

  test.for(['', '/', '/v1', '/v1/', '/v1/chat/completions'])('finds the endpoint from base URL + %j', async (path) => {
    const server = await serve(['ok'])
    await policyOf({ url: `${server.root}${path}` }).reply(asking())
    expect(server.requests[0]?.path).toBe('/v1/chat/completions')
  })

  test('keeps a versioned path and its query', async () => {
    const server = await serve(['ok'])
    await policyOf({ url: `${server.root}/api/v3/chat/completions?api-version=2024` }).reply(asking())
    expect(server.requests[0]?.path).toBe('/api/v3/chat/completions?api-version=2024')
  })

  test('is worded again without what the server does not know', async () => {
    const server = await serve((request) => {
      const refuse = (message: string) => ({ status: 400, body: { error: { message } } })
      if (request.body.stream_options) return refuse('Extra inputs are not permitted: stream_options')
      if (request.body.max_tokens !== undefined)
        return refuse(
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        )
      if (request.body['logprobs']) return refuse('logprobs are not supported')
      if (Number(request.body['max_completion_tokens']) > 16)
        return refuse(
          'max_tokens is too large: 100. This model supports at most 16 completion tokens, whereas you provided 100.',
        )
      return 'ok'
    })
    const policy = policyOf(server, { sampling: { maxTokens: 100, logprobs: true } })
    expect((await policy.reply(asking())).message.content).toBe('ok')
    expect(server.requests).toHaveLength(5)
    await policy.reply(asking())
    expect(server.requests).toHaveLength(6)
    expect(server.requests[5]?.body).toMatchObject({ max_completion_tokens: 16 })
  })

  test('of a gateway that gives no reason is tried once without stream_options', async () => {
    const server = await serve((request) => (request.body.stream_options ? { status: 400, body: 'Bad Request' } : 'ok'))
    expect((await policyOf(server).reply(asking())).message.content).toBe('ok')
    const strict = await serve([{ status: 400, body: 'Bad Request' }])
    expect((await faultOf(policyOf(strict).reply(asking()))).fault).toBe('request')
    expect(strict.requests).toHaveLength(2)
  })
})

test('one kept connection serves reply after reply', async () => {
  const server = await serve({ answers: ['ok'] })
  const policy = policyOf(server, { contextTokens: 1000 })
  for (let at = 0; at < 5; at++) await policy.reply(asking())
  expect(server.requests).toHaveLength(5)
  expect(server.connections).toBe(1)
})

function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`
}
