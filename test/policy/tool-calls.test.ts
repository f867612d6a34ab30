import { describe, expect, test } from 'vitest'
import type { ToolCall } from '../../src/domain/message.ts'
import { asking, policyOf, serve } from './asking.ts'

/** What the policy makes of these `tool_calls` deltas, sent one by one. */
async function callsFrom(fragments: readonly object[], finish = 'tool_calls'): Promise<readonly ToolCall[]> {
  const chunk = (choice: object) => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`
  const raw = [
    ...fragments.map((fragment) => chunk({ delta: { tool_calls: [fragment] } })),
    chunk({ delta: {}, finish_reason: finish }),
    'data: [DONE]\n\n',
  ]
  const server = await serve([{ raw }])
  const reply = await policyOf(server).reply(asking())
  expect(reply.finish).toBe(fragments.length === 0 ? 'stop' : 'calls')
  return reply.message.toolCalls ?? []
}

const part = (index: number | undefined, id: string | undefined, name: string | undefined, args?: string) => ({
  ...(index === undefined ? {} : { index }),
  ...(id === undefined ? {} : { id }),
  function: { ...(name === undefined ? {} : { name }), ...(args === undefined ? {} : { arguments: args }) },
})

describe('tool-call deltas', () => {
  test('are joined by index', async () => {
    const calls = await callsFrom([
      part(0, 'a', 'bash', ''),
      part(1, 'b', 'edit', ''),
      part(0, undefined, undefined, '{"command":'),
      part(1, undefined, undefined, '{"path":"x"}'),
      part(0, undefined, undefined, '"ls"}'),
    ])
    expect(calls).toEqual([
      { id: 'a', name: 'bash', arguments: { command: 'ls' } },
      { id: 'b', name: 'edit', arguments: { path: 'x' } },
    ])
  })

  test('with index 0 for every parallel call stay apart (Ollama)', async () => {
    const calls = await callsFrom([
      part(0, 'a', 'bash', '{"command":"ls"}'),
      part(0, 'b', 'bash', '{"command":"pwd"}'),
      part(0, 'c', 'edit', '{}'),
    ])
    expect(calls.map((call) => [call.id, call.name, call.arguments])).toEqual([
      ['a', 'bash', { command: 'ls' }],
      ['b', 'bash', { command: 'pwd' }],
      ['c', 'edit', {}],
    ])
  })

  test('with a fresh id in every fragment are one call (LM Studio, Kimi)', async () => {
    const calls = await callsFrom([
      part(0, 'a', 'bash', ''),
      part(0, 'b', 'bash', '{"command":'),
      part(0, 'c', undefined, '"echo }{"'),
      part(0, 'd', 'bash', '}'),
      part(0, 'e', 'bash', ''),
    ])
    expect(calls).toEqual([{ id: 'a', name: 'bash', arguments: { command: 'echo }{' } }])
  })

  test('may repeat name and whole arguments', async () => {
    const calls = await callsFrom([
      part(0, 'a', 'bash', '{"command"'),
      part(0, 'a', 'bash', ':"ls"}'),
      part(0, 'a', 'bash', '{"command":"ls"}'),
    ])
    expect(calls).toEqual([{ id: 'a', name: 'bash', arguments: { command: 'ls' } }])
  })

  test('without index go by id, else to the call being written', async () => {
    const calls = await callsFrom([
      part(undefined, 'a', 'bash', '{"command":'),
      part(undefined, undefined, undefined, '"ls"}'),
      part(undefined, 'b', 'edit', '{"path":'),
      part(undefined, 'b', undefined, '"x"}'),
    ])
    expect(calls.map((call) => call.arguments)).toEqual([{ command: 'ls' }, { path: 'x' }])
  })

  test('without arguments mean {}, with an object it is taken, without an id one is given', async () => {
    const calls = await callsFrom(
      [
        part(0, undefined, 'finish'),
        { index: 1, function: { name: 'bash', arguments: { command: 'ls' } } },
        part(2, 'same', 'bash', '{}'),
        part(3, 'same', 'bash', '{}'),
      ],
      'stop',
    )
    expect(calls).toEqual([
      { id: 'call_2_0', name: 'finish', arguments: {} },
      { id: 'call_2_1', name: 'bash', arguments: { command: 'ls' } },
      { id: 'same', name: 'bash', arguments: {} },
      { id: 'call_2_3', name: 'bash', arguments: {} },
    ])
  })

  test.for(['{"command": "l', '[1]', '"text"', 'ls -l', `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`])(
    'that are no JSON object keep their raw text: %s',
    async (raw) => {
      expect((await callsFrom([part(0, 'a', 'bash', raw)]))[0]?.arguments).toBe(raw)
    },
  )

  test('are bounded in number and size', async () => {
    const calls = await callsFrom(Array.from({ length: 400 }, (_, index) => part(index, `id${index}`, 'bash', '{}')))
    expect(calls).toHaveLength(128)
  })

  test('with a fresh id in each of 20,000 fragments take time in proportion', async () => {
    const text = JSON.stringify({ text: 'x'.repeat(200_000) })
    const fragments = Array.from({ length: Math.ceil(text.length / 10) }, (_, at) =>
      part(0, `id${at}`, 'edit', text.slice(at * 10, at * 10 + 10)),
    )
    const startedMs = performance.now()
    expect((await callsFrom(fragments))[0]?.arguments).toEqual(JSON.parse(text))
    expect(performance.now() - startedMs).toBeLessThan(5000)
  })
})
