import { describe, expect, onTestFinished, test } from 'vitest'
import { createOpenAiPolicy } from '../../src/policy/openai.ts'
import { nativeFormat } from '../../src/rollout/call-format/native-format.ts'
import { textFormat } from '../../src/rollout/call-format/text-format.ts'
import { createOpenHandsProfile } from '../../src/rollout/openhands-profile.ts'
import { refusal, startOpenAiServer, type OpenAiServer, type OpenAiServerOptions } from '../policy/openai-server.ts'
import { bash, eventsOf, FINISH, rollOut } from './loop-runs.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

async function server(options: OpenAiServerOptions): Promise<OpenAiServer> {
  const started = await startOpenAiServer(options)
  onTestFinished(() => started.close())
  return started
}

const policyOf = ({ url }: OpenAiServer) =>
  createOpenAiPolicy({ baseUrl: url, model: 'test-model', retry: { firstWaitMs: 10, maxWaitMs: 20 } as never })

describe('a rollout against a server', () => {
  test('in text form sends no tools, stops at the end tag, and streams', async () => {
    const fake = await server({ answers: [bash('sed -i s/-/+/ core.py'), FINISH] })
    const run = await rollOut({ policy: policyOf(fake), profile: createOpenHandsProfile(textFormat) })
    expect(run).toMatchObject({ end: 'finished' })
    expect(run.patch).toContain('+    return a + b')
    const [request] = fake.requests
    expect(request?.body).toMatchObject({ stream: true, stop: ['</function'] })
    expect(request?.body.tools).toBeUndefined()
    expect(eventsOf(run, 'delta').length).toBeGreaterThan(4)
    expect(fake.requests[1]?.body.messages.slice(0, 2)).toEqual(request?.body.messages)
  })

  test('with native calls answers each by its id, also a malformed one', async () => {
    const fake = await server({
      answers: [
        { toolCalls: [{ id: 'a', name: 'execute_bash', arguments: '{"command": 1' }] },
        { toolCalls: [{ id: 'b', name: 'execute_bash', arguments: { command: 'sed -i s/-/+/ core.py' } }] },
        { toolCalls: [{ id: 'c', name: 'finish', arguments: {} }] },
      ],
    })
    const run = await rollOut({ policy: policyOf(fake), profile: createOpenHandsProfile(nativeFormat) })
    expect(run.end).toBe('finished')
    expect(run.steps[0]?.malformed).toBeDefined()
    expect(fake.requests[2]?.body.messages.flatMap(({ tool_call_id }) => tool_call_id ?? [])).toEqual(['a', 'b'])
    expect(fake.requests[0]?.body.tools).toHaveLength(4)
    expect(fake.requests[0]?.body.stop).toBeUndefined()
  })

  test('goes on after a busy server and a connection that broke off; the retries are shown', async () => {
    const fake = await server({
      answers: [
        refusal(503, 'overloaded'),
        { content: bash('ls'), cutAfter: 2 },
        bash('sed -i s/-/+/ core.py'),
        FINISH,
      ],
    })
    const run = await rollOut({ policy: policyOf(fake) })
    expect(run.end).toBe('finished')
    expect(run.steps).toHaveLength(2)
    expect(eventsOf(run, 'phase').filter(({ phase }) => phase === 'retry').length).toBeGreaterThanOrEqual(2)
  })

  test('that refuses the key ends as infrastructure, that overflows as context-limit', async () => {
    const locked = await server({ answers: [FINISH], key: 'right' })
    const refused = await rollOut({ policy: policyOf(locked) })
    expect(refused.end).toBe('infrastructure')
    expect(refused.infrastructure).toBeTruthy()
    const small = await server({
      answers: [
        bash('ls'),
        refusal(400, "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."),
      ],
    })
    expect(await rollOut({ policy: policyOf(small) })).toMatchObject({ end: 'context-limit', steps: [{}] })
  })
})
