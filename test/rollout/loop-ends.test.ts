import { describe, expect, test } from 'vitest'
import { SealignError } from '../../src/domain/errors.ts'
import { createScriptedPolicy } from '../../src/policy/scripted.ts'
import { createStuckWatch } from '../../src/rollout/stuck-watch.ts'
import { SandboxError } from '../../src/sandbox/sandbox-error.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { ADDER, answers, bash, eventsOf, FINISH, rollOut, taskOf, textCall } from './loop-runs.ts'
import { localSandbox } from './loop-sandbox.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

const EDIT = bash('sed -i s/-/+/ core.py')

describe('limits', () => {
  test('the context: a rollout ends before a prompt that would not fit, with its Steps and patch', async () => {
    const run = await rollOut({
      script: [{ replies: [EDIT, bash('seq 1 3000')], repeat: true }],
      limits: { contextTokens: 5000 },
    })
    expect(run.end).toBe('context-limit')
    expect(run.steps).toHaveLength(2)
    expect(run.patch).toContain('+    return a + b')
    expect(eventsOf(run, 'step').at(-1)?.usage.contextTokens).toBeLessThan(5000)
  })

  test('the context: what the model can read counts when it is less, and the reply is bounded by what is left', async () => {
    const asked: (number | undefined)[] = []
    const base = createScriptedPolicy([bash('true'), FINISH], { contextTokens: 2300 })
    const policy = {
      ...base,
      reply: (request: Parameters<typeof base.reply>[0]) => {
        asked.push(request.sampling.maxTokens)
        return base.reply(request)
      },
    }
    const run = await rollOut({ policy, limits: { contextTokens: 32_768 } })
    expect(run.end).toBe('finished')
    expect(asked).toHaveLength(2)
    for (const maxTokens of asked) expect(maxTokens).toBeLessThan(2300)
    const none = await rollOut({ policy: createScriptedPolicy([FINISH], { contextTokens: 300 }) })
    expect(none).toMatchObject({ end: 'context-limit', steps: [], patch: '' })
  })

  test('the context: a server that refuses the prompt ends it in the same way', async () => {
    const run = await rollOut({ script: [EDIT, { fault: 'context' }] })
    expect(run).toMatchObject({ end: 'context-limit' })
    expect(run.infrastructure).toBeUndefined()
    expect(run.patch).toContain('+    return a + b')
  })

  test('cost', async () => {
    const base = createScriptedPolicy([{ replies: [bash('true')], repeat: true }])
    const policy = {
      ...base,
      reply: async (request: Parameters<typeof base.reply>[0]) => ({ ...(await base.reply(request)), costUsd: 0.4 }),
    }
    const run = await rollOut({ policy, limits: { costUsd: 1 } })
    expect(run.end).toBe('cost-limit')
    expect(run.steps).toHaveLength(3)
    expect(eventsOf(run, 'step').at(-1)?.usage.costUsd).toBeCloseTo(1.2)
  })

  test('wall time ends a query that never answers; Steps before it stay', async () => {
    const run = await rollOut({ script: [EDIT, { content: 'late', delayMs: 60_000 }], limits: { wallMs: 1500 } })
    expect(run.end).toBe('time-limit')
    expect(run.steps).toHaveLength(1)
    expect(run.patch).toContain('+    return a + b')
  })
})

describe('failures of the machinery end a rollout as infrastructure, with the sentence and every finished Step', () => {
  test('the policy is unreachable', async () => {
    const run = await rollOut({ script: [EDIT, { fault: 'unreachable' }] })
    expect(run.end).toBe('infrastructure')
    expect(run.infrastructure).toContain('unreachable')
    expect(run.steps).toHaveLength(1)
    expect(run.patch).toContain('+    return a + b')
  })

  test('the sandbox cannot be made', async () => {
    const run = await rollOut({
      script: [FINISH],
      sandbox: () => Promise.reject(new SandboxError('image', 'image nowhere:1 is not here')),
    })
    expect(run).toMatchObject({
      end: 'infrastructure',
      infrastructure: 'image nowhere:1 is not here',
      patch: undefined,
      steps: [],
    })
  })

  test('the sandbox dies between two Steps', async () => {
    let sandbox: Sandbox | undefined
    const run = await rollOut({
      script: [EDIT, bash('ls'), FINISH],
      sandbox: async () => (sandbox = await localSandbox(ADDER)),
      hear: async (event) => {
        if (event.type === 'step' && event.t === 1) await sandbox?.close()
      },
    })
    expect(run.end).toBe('infrastructure')
    expect(run.steps).toHaveLength(1)
  })

  test('a setup command fails: the sentence names it', async () => {
    const task = taskOf(ADDER)
    const run = await rollOut({
      script: [FINISH],
      task: { ...task, environment: { ...task.environment, setup: ['true', 'echo no space >&2; exit 4'] } },
    })
    expect(run.end).toBe('infrastructure')
    expect(run.infrastructure).toContain('exit code 4')
    expect(run.infrastructure).toContain('no space')
    expect(run.steps).toEqual([])
  })
})

describe('a store that fails', () => {
  test.each(['prompt', 'step', 'delta'] as const)('at a %s event ends the rollout with its own error', async (type) => {
    const full = new SealignError('store', 'the disk is full')
    const heard: string[] = []
    const running = rollOut({
      script: [EDIT, EDIT, EDIT, FINISH],
      hear: (event) => {
        heard.push(event.type)
        if (event.type === type) throw full
      },
    })
    await expect(running).rejects.toBe(full)
    expect(heard.filter((one) => one === 'step').length).toBeLessThanOrEqual(1)
  })
})

test('a reply that chants is ended while it streams, kept as a malformed Step, nudged, and stops the second time', async () => {
  const chant = 'I will now look at the file and then I will fix the bug in the file. '.repeat(400)
  const run = await rollOut({ script: [{ replies: [chant], repeat: true }] })
  expect(run.end).toBe('stuck')
  expect(run.steps).toHaveLength(2)
  const [first] = run.steps
  expect(first?.malformed).toContain('repeated')
  expect(first?.reply.content.length).toBeLessThan(chant.length / 2)
  expect(answers(first)[0]).toContain('repeated the same text')
  expect(eventsOf(run, 'stuck').map(({ detection, effect }) => [detection.rule, effect])).toEqual([
    ['chanting', 'nudged'],
    ['chanting', 'stopped'],
  ])
})

test('a call inside a chant is never run', async () => {
  const chant = `${'The answer is in the file, so I open the file again. '.repeat(200)}\n${textCall('execute_bash', { command: 'rm core.py' })}`
  const run = await rollOut({ script: [chant, FINISH], stuck: createStuckWatch('off') })
  expect(run.steps[0]?.malformed).toBeDefined()
  expect(run).toMatchObject({ end: 'finished', patch: '' })
})
