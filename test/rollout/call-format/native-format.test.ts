import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/domain/json.ts'
import type { ToolCall } from '../../../src/domain/message.ts'
import { nativeFormat } from '../../../src/rollout/call-format/native-format.ts'
import type { ParsedReply } from '../../../src/rollout/call-format/parsed-reply.ts'
import { says, TOOLS } from './tools.ts'

function parse(toolCalls: readonly ToolCall[], content = ''): ParsedReply {
  return nativeFormat.parse(says(content, { toolCalls }), TOOLS)
}

function ls(id?: string): ToolCall {
  return { ...(id === undefined ? {} : { id }), name: 'execute_bash', arguments: { command: 'ls' } }
}

describe('native calls', () => {
  test('run in order and are answered by id', () => {
    const finish = { id: 'b', name: 'finish', arguments: {} }
    const parsed = parse([ls('a'), finish], 'Look.')
    expect(parsed).toMatchObject({
      kind: 'call',
      written: 'native',
      thought: 'Look.',
      calls: [
        { id: 'a', tool: { name: 'execute_bash' }, args: { command: 'ls' } },
        { id: 'b', tool: { name: 'finish' } },
      ],
    })
    expect(nativeFormat.results(parsed, [{ text: 'a.py', failed: false }])).toEqual([
      { role: 'tool', content: 'a.py', name: 'execute_bash', toolCallId: 'a' },
      { role: 'tool', content: 'ERROR:\nThis call was not run.', name: 'finish', toolCallId: 'b' },
    ])
  })

  test('get ids of their own where the server gave none, or one twice', () => {
    const parsed = parse([ls(), ls('x'), ls('x'), ls('call_1')])
    expect(parsed.reply.toolCalls?.map(({ id }) => id)).toEqual(['call_1', 'x', 'call_3', 'call_4'])
    expect(new Set(parse([ls('call_2'), ls()]).reply.toolCalls?.map(({ id }) => id)).size).toBe(2)
    expect(nativeFormat.results(parsed, []).map(({ toolCallId }) => toolCallId)).toEqual([
      'call_1',
      'x',
      'call_3',
      'call_4',
    ])
  })

  test('take numbers and flags written as text, and null for what is left out', () => {
    const call = { name: 'bash', arguments: { command: 'y', is_input: true, timeout: '5' } }
    expect(parse([call])).toMatchObject({ calls: [{ args: { command: 'y', is_input: 'true', timeout: 5 }, call }] })
    expect(parse([{ name: 'bash', arguments: { command: 'ls', timeout: null } }])).toMatchObject({
      calls: [{ args: { command: 'ls' } }],
    })
  })

  test.each<[string, ToolCall, string]>([
    [
      'raw text',
      { name: 'execute_bash', arguments: '{"command": "ls' },
      'The arguments of function `execute_bash` are not a JSON object: `{"command": "ls`.',
    ],
    ['an unknown tool', { name: 'run', arguments: {} }, 'Function `run` does not exist.'],
    ['no name', { name: '', arguments: {} }, 'The call names no function.'],
    [
      'a missing parameter',
      { name: 'think', arguments: {} },
      'Missing required parameter `thought` (string) of function `think`.',
    ],
    [
      'an unknown parameter',
      { name: 'think', arguments: { thought: 'a', __proto__x: 'b' } },
      'Parameter `__proto__x` is not allowed',
    ],
    [
      'an object for a text',
      { name: 'think', arguments: { thought: { a: 1 } } },
      'Parameter `thought` of function `think` must be a text, got an object.',
    ],
  ])('with %s are malformed, and every id is answered', (_, call, reason) => {
    const parsed = parse([ls('a'), { id: 'b', ...call }])
    expect(parsed.kind).toBe('malformed')
    const answers = nativeFormat.results(parsed, [])
    expect(answers.map(({ role, toolCallId }) => [role, toolCallId])).toEqual([
      ['tool', 'a'],
      ['tool', 'b'],
    ])
    expect(answers[1]?.content).toContain(`Call 2: ${reason}`)
  })

  test('more than anyone means are not run', () => {
    expect(parse(Array.from({ length: 33 }, () => ls()))).toMatchObject({
      kind: 'malformed',
      reason: 'The reply makes 33 calls; at most 32 are run.',
    })
  })

  test('that nest absurdly deep are malformed, and can still be written as JSON', () => {
    let deep: JsonObject = {}
    for (let level = 0; level < 20_000; level += 1) deep = { a: deep }
    const parsed = parse([{ name: 'think', arguments: deep }])
    expect(parsed.kind).toBe('malformed')
    expect(JSON.stringify(parsed.reply)).toContain('nested too deep')
  })
})

describe('calls that a server left in the text', () => {
  const leaked = '<tool_call>\n{"name": "execute_bash", "arguments": {"command": "ls"}}\n</tool_call>'

  test('are read, and answered as text', () => {
    const parsed = nativeFormat.parse(says(`Look.\n${leaked}\n${leaked}`), TOOLS)
    expect(parsed).toMatchObject({
      kind: 'call',
      written: 'text',
      thought: 'Look.',
      calls: [{ args: { command: 'ls' } }, {}],
    })
    const result = { text: 'a.py', failed: false }
    expect(nativeFormat.results(parsed, [result, result])).toEqual([
      {
        role: 'user',
        content: 'EXECUTION RESULT of [execute_bash]:\na.py\n\nEXECUTION RESULT of [execute_bash]:\na.py',
      },
    ])
  })

  test('are read without their end tag, and in the function form', () => {
    expect(nativeFormat.parse(says(leaked.replace('</tool_call>', '')), TOOLS).kind).toBe('call')
    const form = '<tool_call>\n<function=bash>\n<parameter=command>\nls\n</parameter>\n</function>\n</tool_call>'
    expect(nativeFormat.parse(says(form), TOOLS)).toMatchObject({ kind: 'call', calls: [{ args: { command: 'ls' } }] })
  })

  test('are malformed when they are not JSON', () => {
    const parsed = nativeFormat.parse(says('<tool_call>{"name": "execute_bash", </tool_call>'), TOOLS)
    expect(parsed).toMatchObject({ kind: 'malformed', written: 'text', calls: [{ name: '' }] })
    expect(nativeFormat.results(parsed, [])).toMatchObject([{ role: 'user' }])
  })

  test('are not seen in prose that mentions the tags', () => {
    expect(nativeFormat.parse(says('I would write <tool_call> or <function=x> here.'), TOOLS).kind).toBe('message')
  })
})

describe('any reply', () => {
  test('is parsed without throwing, and answered once per call', () => {
    const call = fc.record({
      id: fc.string(),
      name: fc.oneof(fc.string(), fc.constantFrom('execute_bash', 'finish', 'str_replace_editor', '__proto__')),
      arguments: fc.oneof(
        fc.string(),
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('command', 'path', '__proto__')), fc.jsonValue()),
      ),
    })
    fc.assert(
      fc.property(fc.array(call, { maxLength: 4 }), fc.string(), (calls, content) => {
        const parsed = parse(calls as readonly ToolCall[], content)
        const answers = nativeFormat.results(parsed, [])
        expect(answers).toHaveLength(parsed.kind === 'message' ? 0 : calls.length)
        expect(new Set(answers.map(({ toolCallId }) => toolCallId)).size).toBe(answers.length)
      }),
      { numRuns: 1000 },
    )
  })

  test('gets the tools in the OpenAI form, and the task as it is', () => {
    expect(nativeFormat.tools(TOOLS)).toMatchObject([
      { type: 'function', function: { name: 'execute_bash' } },
      {},
      {},
      {},
    ])
    expect(nativeFormat.systemText(TOOLS)).toBe('')
    expect(nativeFormat.firstUserText('Fix it.', TOOLS)).toBe('Fix it.')
    expect(nativeFormat.stop).toBeUndefined()
  })
})
