import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SealignError } from '../../src/domain/errors.ts'
import type { Message } from '../../src/domain/message.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { createReplayPolicy } from '../../src/policy/replay.ts'
import { createScriptedPolicy, readScriptedPolicy } from '../../src/policy/scripted.ts'
import { shellStep, temporaryFolder } from '../sessions/temporary.ts'
import { asking, faultOf, HELLO } from './asking.ts'

/** The conversation after `turns` replies. */
function after(turns: number): readonly Message[] {
  const round: Message[] = [
    { role: 'assistant', content: 'r' },
    { role: 'user', content: 'o' },
  ]
  return [...HELLO, ...Array.from({ length: turns }, () => round).flat()]
}

async function said(policy: Policy | undefined, turn: number): Promise<string | undefined> {
  return (await policy?.reply(asking({ messages: after(turn) })))?.message.content
}

describe('a scripted policy', () => {
  test('says its replies in order, whoever asks and however often', async () => {
    const policy = createScriptedPolicy(['first', 'second'])
    expect([await said(policy, 1), await said(policy, 0), await said(policy, 0)]).toEqual(['second', 'first', 'first'])
    expect(policy).toMatchObject({ kind: 'scripted', model: 'scripted', trusted: true })
    expect(createScriptedPolicy([], { trusted: false }).trusted).toBe(false)
  })

  test('has replies per task and run; other tasks get the lines without a task, in turn', async () => {
    const policy = createScriptedPolicy([
      { task: 'a', replies: ['a0'] },
      { task: 'a', replies: ['a1'] },
      { replies: ['x'] },
    ])
    const first = (task: string, run: number) => said(policy.forRun?.(task, run), 0)
    expect([await first('a', 0), await first('a', 1), await first('a', 2)]).toEqual(['a0', 'a1', 'a0'])
    expect([await first('b', 0), await first('b', 7)]).toEqual(['x', 'x'])
    const drawn = await policy.forRun?.('a', 1).replies(asking(), 3)
    expect(drawn?.map((reply) => reply.message.content)).toEqual(['a1', 'a0', 'a1'])
  })

  test('may be a function of conversation, task, run and turn', async () => {
    const policy = createScriptedPolicy((request, { task, run, turn }) => ({
      content: `${task} ${run} ${turn} ${request.messages.length}`,
    }))
    expect(await said(policy.forRun?.('t', 3), 2)).toBe('t 3 2 6')
  })

  test('speaks in pieces: reasoning, content, calls', async () => {
    const policy = createScriptedPolicy(
      [{ content: 'abcdef', reasoning: 'why', toolCalls: [{ name: 'bash', arguments: { command: 'ls' } }] }],
      { pieceLength: 4 },
    )
    const heard: string[] = []
    const reply = await policy.reply(asking({ onDelta: ({ channel, text }) => heard.push(`${channel}:${text}`) }))
    expect(heard.slice(0, 4)).toEqual(['reasoning:why', 'content:abcd', 'content:ef', 'call:bash '])
    expect(heard.slice(4).join('').replaceAll('call:', '')).toBe('{"command":"ls"}')
    expect(reply).toMatchObject({ finish: 'calls', estimated: true })
    expect(reply.message.toolCalls).toEqual([{ id: 'call_2_0', name: 'bash', arguments: { command: 'ls' } }])
  })

  test('can be abandoned, takes its time, and obeys an abort while it does', async () => {
    const policy = createScriptedPolicy([{ replies: ['x'.repeat(240)], delayMs: 60 }])
    let heard = 0
    const cut = await policy.reply(
      asking({ onDelta: ({ text }) => (heard += text.length), abandon: () => heard > 100 }),
    )
    expect(cut).toMatchObject({ finish: 'abandoned', message: { content: 'x'.repeat(120) } })
    const whole = await policy.reply(asking())
    expect(whole.durationMs).toBeGreaterThanOrEqual(55)
    const reason = new Error('enough')
    const control = new AbortController()
    setTimeout(() => control.abort(reason), 10)
    await expect(policy.reply(asking({ signal: control.signal }))).rejects.toBe(reason)
  })

  test('fails as told, at its end, and for tasks it does not know', async () => {
    const failing = createScriptedPolicy([{ fault: 'context' }])
    expect((await faultOf(failing.reply(asking()))).fault).toBe('context')
    const short = createScriptedPolicy([{ task: 'a', replies: ['only'] }], { source: 'plan.jsonl' })
    const end = await faultOf(said(short.forRun?.('a', 2), 1))
    expect(end.message).toBe('plan.jsonl has 1 replies for task a, run 2; reply 2 was asked for')
    expect((await faultOf(said(short.forRun?.('b', 0), 0))).message).toContain('no replies for task b')
    expect(await said(createScriptedPolicy([{ replies: ['tick', 'tock'], repeat: true }]), 5)).toBe('tock')
  })
})

describe('a script file', () => {
  const file = (text: string) => {
    const path = join(temporaryFolder(), 'script.jsonl')
    writeFileSync(path, text)
    return path
  }

  test('holds one run per line', async () => {
    const path = file(
      '\uFEFF{"task": "a", "replies": ["one", {"content": "two", "toolCalls": [{"name": "bash", "arguments": {"command": "ls"}}]}]}\n\n{"replies": [{"toolCalls": [{"name": "finish"}]}], "delayMs": 1}\n',
    )
    const policy = await readScriptedPolicy(path)
    expect(policy.describe()).toEqual({ kind: 'scripted', model: 'scripted', script: path })
    expect(await said(policy.forRun?.('a', 0), 0)).toBe('one')
    const finish = await policy.forRun?.('b', 0).reply(asking())
    expect(finish?.message.toolCalls).toEqual([{ id: 'call_2_0', name: 'finish', arguments: {} }])
  })

  test.for([
    ['{"replies": ["x"]}\nnot json', /script\.jsonl:2: not valid JSON/],
    ['{"replies": []}', /:1: replies: /],
    ['{"replies": ["x"], "tasks": "a"}', /:1: .*tasks/],
    ['{"replies": [{"text": "x"}]}', /:1: replies\.0: /],
    ['[1]', /:1: /],
    ['\n\n', /holds no replies/],
  ] as const)('that is wrong is named with its line: %s', async ([text, expected]) => {
    const error: unknown = await readScriptedPolicy(file(text)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SealignError)
    expect(error).toMatchObject({ code: 'config', message: expect.stringMatching(expected) as string })
  })

  test('that is absent, or a folder, is said to be', async () => {
    await expect(readScriptedPolicy('/nowhere/script.jsonl')).rejects.toThrow(/\/nowhere\/script\.jsonl does not exist/)
    await expect(readScriptedPolicy(temporaryFolder())).rejects.toThrow(/cannot be read/)
  })
})

test('a replay says what was recorded and then has no more', async () => {
  const steps = [shellStep('ls'), shellStep('pwd')]
  const policy = createReplayPolicy(steps, { model: 'qwen' })
  expect(policy).toMatchObject({ kind: 'replay', model: 'qwen', trusted: false })
  const reply = await policy.reply(asking({ messages: after(1) }))
  expect(reply.message).toEqual(steps[1]?.reply)
  expect(reply.finish).toBe('calls')
  expect((await faultOf(policy.reply(asking({ messages: after(2) })))).message).toContain('has 2 replies')
})
