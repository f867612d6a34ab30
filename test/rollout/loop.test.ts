import { describe, expect, test } from 'vitest'
import { actionKind } from '../../src/domain/trajectory.ts'
import { createScriptedPolicy } from '../../src/policy/scripted.ts'
import { nativeFormat } from '../../src/rollout/call-format/native-format.ts'
import { createOpenHandsProfile } from '../../src/rollout/openhands-profile.ts'
import { createStuckWatch } from '../../src/rollout/stuck-watch.ts'
import { answers, bash, eventsOf, FINISH, rollOut, textCall } from './loop-runs.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

const FIX = textCall('str_replace_editor', {
  command: 'str_replace',
  path: '/testbed/core.py',
  old_str: 'a - b',
  new_str: 'a + b',
})

describe('a rollout in text form', () => {
  test('looks, edits, checks and finishes; each Step holds the literal reply and what came back', async () => {
    const run = await rollOut({
      script: [bash('cat core.py'), FIX, bash('python3 -c "from core import add; print(add(2, 3))"'), FINISH],
    })
    expect(run).toMatchObject({ end: 'finished' })
    expect(run.infrastructure).toBeUndefined()
    expect(run.patch).toContain('-    return a - b\n+    return a + b\n')
    expect(run.steps).toHaveLength(4)
    const [look, , check, finish] = run.steps
    expect(look?.reply.content).toBe(`${bash('cat core.py')}</function>`)
    expect(look?.calls).toEqual([{ name: 'execute_bash', arguments: { command: 'cat core.py' } }])
    expect(look?.thought).toBe('I call execute_bash.')
    expect(look).toMatchObject({ exitCode: 0, observation: [{ role: 'user' }] })
    expect(answers(look)[0]).toMatch(/^EXECUTION RESULT of \[execute_bash\]:\ndef add\(a, b\):/)
    expect(answers(check)[0]).toContain('\n5\n')
    expect(finish?.calls?.[0]?.name).toBe('finish')
    expect(run.prompt.map(({ role }) => role)).toEqual(['system', 'user'])
    expect(run.prompt[1]?.content).toContain('Fix it.')
  })

  test('tells in order: prompt, phases, reply, Step; the history grows only at its end', async () => {
    const seen: string[] = []
    const base = createScriptedPolicy([bash('true'), bash('false'), FINISH])
    const requests: string[] = []
    const policy = {
      ...base,
      reply: (request: Parameters<typeof base.reply>[0]) => {
        requests.push(JSON.stringify(request.messages).slice(0, -1))
        return base.reply(request)
      },
    }
    const run = await rollOut({
      policy,
      hear: ({ type }) => {
        if (type !== 'delta' && type !== 'output' && type !== 'phase') seen.push(type)
      },
    })
    expect(seen).toEqual(['prompt', 'reply', 'step', 'reply', 'step', 'reply', 'step'])
    expect(requests).toHaveLength(3)
    expect(requests.slice(1).every((request, index) => request.startsWith(requests[index] ?? '?'))).toBe(true)
    expect(run.steps[1]).toMatchObject({ exitCode: 1 })
    const phases = eventsOf(run, 'phase').map(({ phase }) => phase)
    expect(phases).toEqual(['sandbox', 'query', 'execute', 'query', 'execute', 'query', 'execute', 'patch'])
    for (const { timing, usage } of eventsOf(run, 'step')) {
      expect(timing.overheadMs).toBeGreaterThanOrEqual(0)
      expect(usage.contextTokens).toBeGreaterThan(0)
    }
  })

  test('shows the patch so far while it goes on', async () => {
    const run = await rollOut({ script: [FIX, bash('sleep 0.5; ls'), FINISH] })
    expect(eventsOf(run, 'patch').map(({ patch }) => patch)).toEqual([run.patch])
  })

  test('stores every kind of malformed call with its raw text, and goes on', async () => {
    const replies = [
      textCall('no_such_tool', { x: '1' }),
      textCall('execute_bash', { cmd: 'ls' }),
      textCall('str_replace_editor', { command: 'destroy', path: '/testbed/core.py' }),
      textCall('str_replace_editor', { command: 'view', path: '/testbed/core.py', view_range: 'all' }),
      textCall('execute_bash', { command: 'ls', timeout: 'soon' }),
      textCall('execute_bash', {}),
      'I begin.\n<function=execute_bash>\n<parameter=command>ls',
    ]
    const run = await rollOut({ script: [...replies, FINISH], stuck: createStuckWatch('off') })
    expect(run.end).toBe('finished')
    expect(run.steps.map(actionKind)).toEqual([...replies.map(() => 'malformed'), 'call'])
    for (const [index, reply] of replies.entries()) {
      const step = run.steps[index]
      expect(step?.reply.content).toBe(reply)
      expect(step?.malformed).not.toBe('')
      expect(answers(step)).toHaveLength(1)
      expect(answers(step)[0]).toContain('ERROR:')
    }
    expect(run.patch).toBe('')
  })

  test('answers messages without a call, offers to give up from the second on, and ends as gave-up after the third', async () => {
    const run = await rollOut({ script: ['I think.', '', 'Still thinking.'] })
    expect(run.end).toBe('gave-up')
    expect(run.steps).toHaveLength(3)
    expect(answers(run.steps[0])[0]).toContain('go on with the task')
    expect(answers(run.steps[0])[0]).not.toContain('give up')
    expect(answers(run.steps[1])[0]).toContain('was empty')
    expect(answers(run.steps[1])[0]).toContain('give up')
    expect(answers(run.steps[2])).toEqual([])
    expect(run.patch).toBe('')
  })

  test('counts messages in a row only', async () => {
    const run = await rollOut({ script: ['One.', 'Two.', bash('true'), 'Three.', 'Four.', FINISH] })
    expect(run.end).toBe('finished')
    expect(run.steps).toHaveLength(6)
  })

  test('says so when a reply was cut before its call', async () => {
    const run = await rollOut({ script: [{ content: 'A long story', finish: 'length' }, FINISH] })
    expect(answers(run.steps[0])[0]).toContain('length limit')
  })

  test('ends at the turn limit with the patch so far', async () => {
    const run = await rollOut({ script: [FIX, bash('true'), FINISH], limits: { turns: 2 } })
    expect(run.end).toBe('turn-limit')
    expect(run.steps).toHaveLength(2)
    expect(run.patch).toContain('+    return a + b')
  })

  test('nudges a loop once and stops it when it goes on', async () => {
    const run = await rollOut({ script: [{ replies: [bash('cat core.py')], repeat: true }] })
    expect(run.end).toBe('stuck')
    expect(run.steps).toHaveLength(8)
    const [nudge] = eventsOf(run, 'nudge')
    expect(nudge).toMatchObject({ by: 'stuck' })
    expect(run.steps[3]?.observation.at(-1)).toEqual({ role: 'user', content: nudge?.text })
    expect(eventsOf(run, 'stuck').map(({ effect }) => effect)).toEqual([
      'nudged',
      'flagged',
      'flagged',
      'flagged',
      'stopped',
    ])
    expect(run.patch).toBe('')
  })
})

describe('a rollout with native calls', () => {
  const profile = createOpenHandsProfile(nativeFormat)
  const call = (name: string, args: Record<string, string>, id: string) => ({ id, name, arguments: args })

  test('runs several calls of one reply in order; each has its own answer', async () => {
    const run = await rollOut({
      profile,
      script: [
        {
          content: 'Two at once.',
          toolCalls: [
            call('execute_bash', { command: 'cd /tmp && echo one' }, 'a'),
            call('execute_bash', { command: 'pwd; exit_code=3; (exit 3)' }, 'b'),
          ],
        },
        {
          toolCalls: [
            call('finish', { message: 'Done.' }, 'c'),
            call('execute_bash', { command: 'touch /testbed/late' }, 'd'),
          ],
        },
      ],
    })
    expect(run.end).toBe('finished')
    const [both, last] = run.steps
    expect(both).toMatchObject({ exitCode: 3, reply: { content: 'Two at once.' } })
    expect(both?.calls).toBeUndefined()
    expect(both?.observation.map(({ role, toolCallId }) => [role, toolCallId])).toEqual([
      ['tool', 'a'],
      ['tool', 'b'],
    ])
    expect(answers(both)[1]).toMatch(/^\/tmp/)
    expect(answers(last)[1]).toContain('not run')
    expect(run.patch).toBe('')
    expect(eventsOf(run, 'prompt')[0]?.tools).toHaveLength(4)
  })

  test('keeps unreadable arguments as they were written', async () => {
    const run = await rollOut({
      profile,
      script: [
        { toolCalls: [{ id: 'x', name: 'execute_bash', arguments: '{"command": "ls' }] },
        { toolCalls: [call('finish', {}, 'y')] },
      ],
    })
    const [broken] = run.steps
    expect(broken?.malformed).toContain('not a JSON object')
    expect(broken?.reply.toolCalls?.[0]?.arguments).toBe('{"command": "ls')
    expect(broken?.observation).toMatchObject([{ role: 'tool', toolCallId: 'x' }])
    expect(run.end).toBe('finished')
  })
})
