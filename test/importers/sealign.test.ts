import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/domain/json.ts'
import type { Message, ToolCall } from '../../src/domain/message.ts'
import type { StepDraft } from '../../src/domain/trajectory.ts'
import type { RowContext, TrajectoryExample } from '../../src/exporters/exporter.ts'
import { jsonl } from '../../src/exporters/jsonl.ts'
import { sealign } from '../../src/importers/sealign.ts'
import { contextFor, onlyDraft } from './drafts.ts'

const text = fc.string({ unit: 'binary', maxLength: 12 })
/** Values as they are after a trip through JSON: no `undefined`, no `-0`. */
const args = fc.oneof(
  fc
    .dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), fc.jsonValue(), { maxKeys: 3 })
    .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject),
  text,
)
const optional = { requiredKeys: [] as [] }
const merge = <A extends object, B extends object>(must: fc.Arbitrary<A>, may: fc.Arbitrary<B>): fc.Arbitrary<A & B> =>
  fc.tuple(must, may).map(([left, right]) => ({ ...left, ...right }))

const call: fc.Arbitrary<ToolCall> = merge(
  fc.record({ name: text, arguments: args }),
  fc.record({ id: text }, optional),
)
const message: fc.Arbitrary<Message> = merge(
  fc.record({
    role: fc.constantFrom('system' as const, 'user' as const, 'assistant' as const, 'tool' as const),
    content: text,
  }),
  fc.record({ reasoning: text, toolCalls: fc.array(call, { maxLength: 2 }), toolCallId: text, name: text }, optional),
)
const step: fc.Arbitrary<StepDraft> = merge(
  fc.record({ reply: message, observation: fc.array(message, { maxLength: 2 }) }),
  fc.record(
    {
      calls: fc.array(call, { maxLength: 2 }),
      thought: text,
      malformed: text,
      exitCode: fc.integer(),
      durationMs: fc.nat(),
    },
    optional,
  ),
)
const example: fc.Arbitrary<TrajectoryExample> = merge(
  fc.record({
    id: text,
    task: fc.string({ minLength: 1 }),
    prompt: fc.array(message, { maxLength: 2 }),
    steps: fc.array(step, { maxLength: 3 }),
    outcome: fc.constantFrom('resolved' as const, 'unresolved' as const, 'unknown' as const),
  }),
  fc.record(
    { repository: text, run: text, model: text, tools: fc.array(args, { maxLength: 2 }), patch: text, end: text },
    optional,
  ),
)

const context: RowContext = { calls: 'literal', template: 'model', split: 'train', drop: () => {} }

const row = {
  sealign: 1,
  type: 'trajectory',
  id: 'x',
  task: 'a/1',
  prompt: [{ role: 'user', content: 'Hi' }],
  steps: [{ reply: { role: 'assistant', content: 'Yo' }, observation: [] }],
  outcome: 'resolved',
}

describe('our own export', () => {
  it('comes back exactly, whatever a trajectory holds', () => {
    fc.assert(
      fc.property(example, (given) => {
        const { id: _id, ...expected } = given
        const line: unknown = JSON.parse(JSON.stringify(jsonl.row(given, context)))
        expect(sealign.recognise(line, contextFor().context)).toBe(true)
        expect(onlyDraft(sealign, line)).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('may hold fields this version does not know', () => {
    const draft = onlyDraft(sealign, { ...row, mood: 'good', steps: [{ ...row.steps[0], weather: 1 }] })
    expect(draft).toEqual({ task: 'a/1', prompt: row.prompt, steps: row.steps, outcome: 'resolved' })
  })

  it('is refused with the place of what is wrong, or the version it was written by', () => {
    expect(() => onlyDraft(sealign, { ...row, steps: [{ reply: 5 }] })).toThrow(/steps\.0\.reply: .*expected object/)
    expect(() => onlyDraft(sealign, { ...row, sealign: 2 })).toThrow(
      'it was written by export version 2; this program reads version 1',
    )
  })

  it('of another kind (a pair) is not taken for a trajectory', () => {
    expect(sealign.recognise({ ...row, type: 'pair' }, contextFor().context)).toBe(false)
  })
})
