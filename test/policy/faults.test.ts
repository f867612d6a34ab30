import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PolicyRetry } from '../../src/policy/policy.ts'
import { asking, FAST, faultOf, policyOf, serve, toldBy } from './asking.ts'
import { refusal } from './openai-server.ts'

const KEY = 'sk-test-Zq81kfhw93hfPLd02mmQx7'

describe('what may pass is tried again', () => {
  test.for([
    ['429', refusal(429, 'Rate limit reached')],
    ['503', { status: 503, body: { error: 'server busy, please try again. maximum pending requests exceeded' } }],
    ['408', { status: 408 }],
    ['409', { status: 409 }],
    ['425', { status: 425 }],
    ['500', { status: 500, body: 'Internal Server Error' }],
    ['502', { status: 502, body: '<html>Bad Gateway</html>' }],
    ['a connection cut before any byte', { none: 'reset' }],
    ['a stream cut after three events', { content: 'long enough to be cut', cutAfter: 3 }],
    ['a stream that ends without an end', { raw: ['data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'] }],
    ['an event that is not JSON', { raw: ['data: {"choices":[{"index":0,"del\n\n'], then: 'hold' }],
    ['a page of HTML', { raw: ['<html><body>Welcome</body></html>'] }],
    ['an empty body', { raw: [] }],
    [
      'an error inside the stream',
      { raw: ['data: {"error":{"message":"CUDA error","code":500}}\n\ndata: [DONE]\n\n'] },
    ],
    ['a reply the server aborted', { content: 'x', finish: 'abort' }],
    ['a document cut short', { raw: ['{"choices":['], headers: { 'content-type': 'application/json' } }],
  ] as const)('%s', async ([, trouble]) => {
    const server = await serve([trouble, trouble, { content: 'at last' }])
    const retries: PolicyRetry[] = []
    // A size of our own: no question for it leaves a kept connection, whose loss would be mended silently.
    const policy = policyOf(server, { contextTokens: 100_000 })
    const reply = await policy.reply(asking({ onRetry: (retry) => retries.push(retry) }))
    expect(reply.message.content).toBe('at last')
    expect(retries.map((retry) => retry.attempt)).toEqual([1, 2])
    expect(retries.every((retry) => retry.reason !== '' && retry.waitMs > 0)).toBe(true)
    expect(server.requests).toHaveLength(3)
  })

  test('as soon as the server asked for, in seconds or as a date, but never later than the cap', async () => {
    const busy = (value: string) => ({ status: 429, headers: { 'retry-after': value } })
    const soon = new Date(Date.now() + 3_600_000).toUTCString()
    const server = await serve([busy('0.2'), busy(soon), { status: 503, headers: { 'retry-after-ms': '30' } }, 'ok'])
    const waits: number[] = []
    const retry = { ...FAST, maxRetryAfterMs: 250 }
    await policyOf(server, { retry }).reply(asking({ onRetry: ({ waitMs }) => waits.push(waitMs) }))
    const [first = 0, second = 0, third = 0] = waits
    expect(first).toBeGreaterThanOrEqual(200)
    expect(first).toBeLessThan(210)
    expect(second).toBe(250)
    expect(third).toBeGreaterThanOrEqual(30)
    const [a, b] = server.requests
    expect((b?.at ?? 0) - (a?.at ?? 0)).toBeGreaterThanOrEqual(195)
  })

  test('a kept connection that the server dropped is replaced without a word', async () => {
    const body = JSON.stringify({ choices: [{ message: { content: 'ok' }, finish_reason: 'stop' }] })
    let connections = 0
    const tcp = createTcpServer((socket) => {
      connections++
      let requests = 0
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => {
        if (!bytes.includes('POST ')) return
        if (++requests > 1) socket.resetAndDestroy()
        else socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      })
    })
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void tcp.close())
    const policy = policyOf({ url: `http://127.0.0.1:${(tcp.address() as AddressInfo).port}` }, { contextTokens: 9000 })
    let retries = 0
    for (let at = 0; at < 4; at++) await policy.reply(asking({ onRetry: () => retries++ }))
    expect(retries).toBe(0)
    expect(connections).toBeGreaterThan(1)
  })
})

describe('patience ends', () => {
  test('with `busy` when the server stays overloaded', async () => {
    const server = await serve([refusal(429, 'Rate limit reached for requests')])
    const error = await faultOf(policyOf(server, { retry: { ...FAST, busyPatienceMs: 60 } }).reply(asking()))
    expect(error.fault).toBe('busy')
    expect(error.message).toContain('Rate limit reached for requests')
    expect(server.requests.length).toBeGreaterThan(2)
  })

  test('with `unreachable` when nobody listens', async () => {
    const server = await serve(['ok'])
    await server.close()
    const reasons: string[] = []
    const asked = policyOf(server).reply(asking({ onRetry: ({ reason }) => reasons.push(reason) }))
    const error = await faultOf(asked)
    expect(error.fault).toBe('unreachable')
    expect(error.message).toContain('connection refused')
    expect(error.message).toContain(server.url)
    expect(reasons.length).toBeGreaterThan(1)
  })

  test('with `broken` after five replies that broke off', async () => {
    const server = await serve([{ content: 'never whole', cutAfter: 2 }])
    const error = await faultOf(policyOf(server).reply(asking()))
    expect(error.fault).toBe('broken')
    expect(server.requests).toHaveLength(5)
  })

  test('with `broken` when the port speaks something else', async () => {
    const tcp = createTcpServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.9\r\n'))
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void tcp.close())
    const url = `http://127.0.0.1:${(tcp.address() as AddressInfo).port}`
    const error = await faultOf(policyOf({ url }).reply(asking()))
    expect(error.fault).toBe('broken')
    const secure = await faultOf(policyOf({ url: url.replace('http', 'https') }).reply(asking()))
    expect(secure.fault).toBe('unreachable')
    expect(secure.hint).toContain('https')
  })

  test('with `busy` when no reply begins, and `broken` when one stands still', async () => {
    const silent = await serve([{ none: 'silent' }])
    const retry = { ...FAST, busyPatienceMs: 100 }
    const late = await faultOf(policyOf(silent, { retry, timeouts: { firstTokenMs: 60 } }).reply(asking()))
    expect(late.fault).toBe('busy')
    expect(late.message).toContain('no reply within 60 ms')
    const first = 'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'
    const still = await serve([{ raw: [first], then: 'hold' }])
    const stuck = await faultOf(policyOf(still, { timeouts: { idleMs: 30 } }).reply(asking()))
    expect(stuck.fault).toBe('broken')
    expect(stuck.message).toContain('stood still for 30 ms')
    await expect.poll(() => still.requests.every((request) => request.closedEarly)).toBe(true)
  })

  test('not while keep-alive comments and slow pieces come', async () => {
    const slow = await serve([{ content: 'slow but steady', pieceLength: 1, delayMs: 40 }])
    const { message } = await policyOf(slow, { timeouts: { idleMs: 400, firstTokenMs: 5000 } }).reply(asking())
    expect(message.content).toBe('slow but steady')
  })
})

describe('what is final is said at once', () => {
  test.for([401, 403])('%i: the key', async (status) => {
    const server = await serve([refusal(status, 'Incorrect API key provided')])
    const error = await faultOf(policyOf(server, { key: KEY }).reply(asking()))
    expect(error.fault).toBe('key')
    expect(error.message).toContain('refuses the key')
    expect(server.requests).toHaveLength(1)
    const none = await faultOf(policyOf(server).reply(asking()))
    expect(none.message).toContain('wants a key')
  })

  test('no credit is no overload', async () => {
    const server = await serve([refusal(429, 'You exceeded your current quota', { code: 'insufficient_quota' })])
    expect((await faultOf(policyOf(server).reply(asking()))).fault).toBe('key')
    expect(server.requests).toHaveLength(1)
  })

  test('an unknown model, with those there are', async () => {
    const said = 'The model `nope` does not exist.'
    const server = await serve({ answers: [refusal(404, said, { type: 'NotFoundError' })], models: ['qwen', 'llama'] })
    const error = await faultOf(policyOf(server, { model: 'nope' }).reply(asking()))
    expect(error.fault).toBe('model')
    expect(error.message).toContain('nope')
    expect(error.hint).toBe('It has qwen, llama')
  })

  test('a wrong path is not an unknown model', async () => {
    const server = await serve([{ status: 404, body: { detail: 'Not Found' } }])
    const error = await faultOf(policyOf(server).reply(asking()))
    expect(error.fault).toBe('request')
    expect(error.hint).toContain('base URL')
  })

  test('a bad request, in the words of the server: bounded, on one line, without control characters', async () => {
    const long = `temperature must be non-negative\n\u001b[31m${'x'.repeat(5000)}`
    for (const body of [
      { error: { message: long } },
      { object: 'error', message: long, code: 400 },
      { detail: long },
      long,
    ]) {
      const server = await serve([{ status: 422, body }])
      const error = await faultOf(policyOf(server).reply(asking()))
      expect(error.fault).toBe('request')
      expect(error.message).toContain('temperature must be non-negative ␛[31mxxx')
      expect(error.message.length).toBeLessThan(500)
    }
  })

  test('a redirect is not followed: the key would travel', async () => {
    const other = await serve(['stolen'])
    const server = await serve([{ status: 307, headers: { location: `${other.url}/chat/completions?token=1` } }])
    const error = await faultOf(policyOf(server, { key: KEY }).reply(asking()))
    expect(error.message).toContain(`${other.url}/chat/completions (307)`)
    expect(other.requests).toHaveLength(0)
  })
})

describe('the key', () => {
  const leaks = [
    { status: 400, body: { error: { message: `bad header Authorization: Bearer ${KEY}` } } },
    { status: 401, body: `Bearer ${KEY}` },
    { status: 404, body: { error: { message: `model not found for ${KEY}` } } },
    { status: 400, body: { error: { message: `maximum context length is 10 tokens ${KEY}` } } },
    { status: 503, body: `busy ${KEY}` },
    { status: 307, headers: { location: `http://x.invalid/${KEY}` } },
    { raw: [`noise ${KEY}\n\n`] },
    { raw: [`data: {"a ${KEY}\n\n`] },
    { raw: [`data: {"error":{"message":"${KEY}"}}\n\n`] },
  ] as const

  test.for([KEY, 'abc123'])('never appears where the server echoes it: %s', async (key) => {
    for (const leak of leaks) {
      const text = JSON.parse(JSON.stringify(leak).replaceAll(KEY, key)) as (typeof leaks)[number]
      const server = await serve({ answers: [text], models: [`m-${key}`] })
      const policy = policyOf(server, { key, retry: { ...FAST, busyPatienceMs: 20 } })
      const reasons: string[] = []
      const error = await faultOf(policy.reply(asking({ onRetry: ({ reason }) => reasons.push(reason) })))
      expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${key}`)
      expect(toldBy(error) + reasons.join('')).not.toContain(key)
      expect(JSON.stringify(policy.describe())).not.toContain(key)
    }
  })

  test('in the address or in other headers is a secret too', async () => {
    const server = await serve([{ status: 400, body: 'echo hunter2pass hunter3pass hunter4pass' }])
    const url = `${server.root.replace('//', '//me:hunter2pass@')}/v1?token=hunter4pass`
    const policy = policyOf({ url }, { headers: { 'api-key': 'hunter3pass' } })
    const error = await faultOf(policy.reply(asking()))
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: `Basic ${btoa('me:hunter2pass')}`,
      'api-key': 'hunter3pass',
    })
    expect(toldBy(error) + JSON.stringify(policy.describe())).not.toMatch(/hunter/)
    expect(error.message).toContain('echo [redacted] [redacted] [redacted]')
  })

  test('that HTTP cannot carry, or an address that is none, is refused before anything is sent', () => {
    expect(() => policyOf({ url: 'http://x' }, { key: 'geheim\nnis' })).toThrow(/key .* holds characters/)
    expect(() => policyOf({ url: 'http://x' }, { key: 'geheim\nnis' })).not.toThrow(/geheim/)
    expect(() => policyOf({ url: 'localhost:8000' })).toThrow(/not an http/)
    expect(policyOf({ url: 'http://x' }, { key: ' geheimnis\n' }).describe()).toEqual({
      kind: 'openai',
      baseUrl: 'http://x/v1',
      model: 'test-model',
    })
  })
})

describe('an abort', () => {
  const reason = new Error('cancelled by a person')

  test.for([
    ['before the request', 0, 'ok'],
    ['before the first byte', 40, { none: 'silent' }],
    ['during the stream', 60, { content: 'x'.repeat(1000), pieceLength: 1, delayMs: 5 }],
    ['during the wait for another try', 40, { status: 429, headers: { 'retry-after': '100' } }],
  ] as const)('%s ends everything at once', async ([, afterMs, answer]) => {
    const server = await serve([answer])
    const control = new AbortController()
    if (afterMs === 0) control.abort(reason)
    else setTimeout(() => control.abort(reason), afterMs)
    const startedMs = performance.now()
    await expect(policyOf(server).reply(asking({ signal: control.signal }))).rejects.toBe(reason)
    expect(performance.now() - startedMs).toBeLessThan(afterMs + 2000)
    // The server must not go on computing: every request it got was answered whole or closed.
    await expect.poll(() => server.requests.every((request) => request.closedEarly || request.answered)).toBe(true)
  })
})
