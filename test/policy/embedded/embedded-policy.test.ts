import { describe, expect, test } from 'vitest'
import type { Message } from '../../../src/domain/message.ts'
import { decisionOf, proposalOf, situationOf } from '../../../src/policy/embedded/decision.ts'
import { HABITS } from '../../../src/policy/embedded/habits.ts'
import { createEmbeddedPolicy, modelName } from '../../../src/policy/embedded/embedded-policy.ts'
import { logitsOf, logProbabilities } from '../../../src/policy/embedded/network.ts'
import { freshWeights, weightsOf } from '../../../src/policy/embedded/weights.ts'
import { asking } from '../asking.ts'

const MESSAGES: readonly Message[] = [
  { role: 'system', content: 'You fix bugs.' },
  {
    role: 'user',
    content: '<uploaded_files>\n/workspace\n</uploaded_files>\nThe function `sum` of src/sum.js adds one too many.',
  },
]
const VIEWED: readonly Message[] = [
  ...MESSAGES,
  {
    role: 'assistant',
    content:
      'I read the source.\n<function=str_replace_editor>\n<parameter=command>view</parameter>\n<parameter=path>/workspace/src/sum.js</parameter>\n</function>',
  },
  {
    role: 'user',
    content:
      "EXECUTION RESULT of [str_replace_editor]:\nHere's the result of running `cat -n` on /workspace/src/sum.js:\n     1\texport function sum(a, b) {\n     2\t  return a + b + 1\n     3\t}\n",
  },
]
const weights = freshWeights(1)
const policy = createEmbeddedPolicy({ weights, seed: 7 })
const { proposals, features, habits } = situationOf(VIEWED)
const logs = logProbabilities(logitsOf(weights, features), habits)

const ask = (sampling: Parameters<typeof asking>[0] & object = {}) =>
  policy.reply(asking({ messages: VIEWED, ...sampling }))

describe('the embedded policy', () => {
  test('says what it is', async () => {
    expect(policy).toMatchObject({ kind: 'embedded', model: 'embedded base', trusted: true })
    expect(policy.describe()).toMatchObject({
      backend: 'plain loops',
      weights: weights.sha256,
      parameters: weights.numbers.length,
      seed: 7,
      provenance: { seed: 1 },
    })
    expect(await policy.contextTokens(new AbortController().signal)).toBe(32_768)
    expect(modelName(weightsOf(weights, { seed: 1, run: 'r1', stage: 'dpo', step: 3 }))).toBe('embedded r1/dpo')
    expect(modelName(weightsOf(weights, { seed: 1, stage: 'sft' }))).toBe('embedded sft')
  })

  test('says each proposal as often as its probability says', async () => {
    const draws = 1500
    const counts = new Map<string, number>()
    for (let seed = 0; seed < draws; seed++) {
      const { message } = await ask({ sampling: { seed } })
      counts.set(message.content, (counts.get(message.content) ?? 0) + 1)
    }
    expect([...counts.values()].reduce((a, b) => a + b)).toBe(draws)
    expect([...counts.keys()].every((text) => proposals.some(({ reply }) => reply === text))).toBe(true)
    // Cells with fewer than five draws expected are taken together.
    const cells = proposals.map(({ reply }, at) => ({
      expected: draws * Math.exp(Number(logs[at])),
      seen: counts.get(reply) ?? 0,
    }))
    const rare = cells.filter(({ expected }) => expected < 5)
    const sum = (key: 'expected' | 'seen') => rare.reduce((total, cell) => total + cell[key], 0)
    const kept = [...cells.filter(({ expected }) => expected >= 5), { expected: sum('expected'), seen: sum('seen') }]
    const chiSquare = kept.reduce(
      (total, { expected, seen }) => total + (expected === 0 ? 0 : (seen - expected) ** 2 / expected),
      0,
    )
    // The distribution's mean is its degrees of freedom, its variance twice as much.
    const freedom = kept.length - 1
    expect(chiSquare).toBeLessThan(freedom + 3 * Math.sqrt(2 * freedom) + 1)
  })

  test('gives the log-probability of the reply, at temperature 1', async () => {
    for (const temperature of [1, 0.3, 0]) {
      for (let seed = 0; seed < 10; seed++) {
        const { message, logprobs } = await ask({ sampling: { seed, temperature } })
        const at = proposals.findIndex(({ reply }) => reply === message.content)
        expect(logprobs).toEqual([Math.min(0, Number(logs[at]))])
      }
    }
  })

  test('takes the likeliest reply at temperature 0, and only likely ones with a small topP', async () => {
    const best = proposals[logs.indexOf(Math.max(...logs))]?.reply
    for (const seed of [1, 2, 3]) {
      expect((await ask({ sampling: { seed, temperature: 0 } })).message.content).toBe(best)
      expect((await ask({ sampling: { seed, topP: 1e-6 } })).message.content).toBe(best)
    }
  })

  test('says the same to the same conversation with the same seeds, whoever asks', async () => {
    const again = createEmbeddedPolicy({ weights, seed: 7 })
    const texts = async (asked: typeof policy, seeds: readonly number[]) =>
      Promise.all(
        seeds.map(
          async (seed) => (await asked.reply(asking({ messages: VIEWED, sampling: { seed } }))).message.content,
        ),
      )
    const seeds = Array.from({ length: 20 }, (_, seed) => seed)
    expect(await texts(again, seeds)).toEqual(await texts(policy, seeds))
    expect(await texts(createEmbeddedPolicy({ weights, seed: 8 }), seeds)).not.toEqual(await texts(policy, seeds))
  })

  test('draws other replies in every run that has no seed of its own', async () => {
    const said = (run: number) => policy.forRun?.('task', run).reply(asking({ messages: VIEWED }))
    const texts = await Promise.all(Array.from({ length: 20 }, async (_, run) => (await said(run))?.message.content))
    expect(new Set(texts).size).toBeGreaterThan(1)
    expect((await said(3))?.message.content).toBe(texts[3])
  })

  test('draws several replies, of which the first is the one it would have said', async () => {
    const request = asking({ messages: VIEWED, sampling: { seed: 3 } })
    const replies = await policy.replies(request, 12)
    expect(replies).toHaveLength(12)
    expect(replies[0]?.message).toEqual((await policy.reply(request)).message)
    expect(new Set(replies.map(({ message }) => message.content)).size).toBeGreaterThan(1)
  })

  test('ends at a stop text, which it names and leaves out, as a server does', async () => {
    const reply = await ask({ sampling: { temperature: 0 }, stop: ['</function'] })
    const whole = await ask({ sampling: { temperature: 0 } })
    expect(reply).toMatchObject({ finish: 'stop', stopText: '</function', estimated: true })
    expect(`${reply.message.content}</function>`).toBe(whole.message.content)
    expect(whole.stopText).toBeUndefined()
    expect(reply.tokens.completion).toBe(Math.ceil(reply.message.content.length / 4))
  })

  test('is cut at maxTokens, heard in pieces, and can be abandoned and aborted', async () => {
    const heard: string[] = []
    const cut = await ask({ sampling: { temperature: 0, maxTokens: 5 }, onDelta: ({ text }) => heard.push(text) })
    expect(cut).toMatchObject({ finish: 'length', tokens: { completion: 5 } })
    expect(heard.join('')).toBe(cut.message.content)
    expect((await ask({ abandon: () => true, stop: ['</function'] })).finish).toBe('abandoned')
    const reason = new Error('enough')
    await expect(ask({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('a decision', () => {
  test('is found for every reply the policy can give, as it was said and as it is stored', () => {
    for (const [at, { reply }] of proposals.entries()) {
      expect(proposals.findIndex((other) => other.reply === reply)).toBe(at)
      const said = reply.split('</function')[0] ?? ''
      for (const content of [reply, said, `${said.trimEnd()}\n</function>`]) {
        expect(proposalOf(proposals, { role: 'assistant', content })).toBe(at)
      }
    }
  })

  test('is found by the call where the words differ', () => {
    const at = proposals.findIndex(({ kind }) => kind === 'view-repository')
    const call = [
      '<function=str_replace_editor>',
      '<parameter=path>/workspace/./</parameter>',
      '<parameter=command>view</parameter>',
      '</function>',
    ]
    const content = `Let me look around first.\n${call.join('\n')}`
    expect(decisionOf(VIEWED, { role: 'assistant', content })).toMatchObject({ chosen: at })
    const native = { name: 'str_replace_editor', arguments: { command: 'view', path: '/workspace' } }
    expect(proposalOf(proposals, { role: 'assistant', content: '', toolCalls: [native] })).toBe(at)
  })

  test('is none where the policy would never have said it', () => {
    const content = '<function=execute_bash>\n<parameter=command>curl example.org</parameter>\n</function>'
    expect(decisionOf(VIEWED, { role: 'assistant', content })).toEqual({
      reason: 'the reply is not among the proposals',
    })
  })

  test('has a habit for each proposal: the share of its kind, divided among them', () => {
    const shares = habits.map(Math.exp)
    const kinds = Map.groupBy(proposals.keys(), (at) => proposals[at]?.kind)
    for (const [kind, members] of kinds) {
      const sum = members.reduce((total, at) => total + (shares[at] ?? 0), 0)
      expect(sum).toBeCloseTo(kind === undefined ? Number.NaN : HABITS[kind], 9)
    }
  })
})
