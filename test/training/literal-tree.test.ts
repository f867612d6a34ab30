import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../src/domain/message.ts'
import {
  type LiteralPair,
  type LiteralTrajectory,
  type LiteralTree,
  literalTree,
} from '../../src/training/literal-tree.ts'

const PROMPT: readonly Message[] = [
  { role: 'system', content: 'You fix bugs.' },
  { role: 'user', content: 'Fix it.' },
]
const reply = (content: string): Message => ({ role: 'assistant', content })
const seen = (content: string): Message => ({ role: 'user', content })

function trajectory(
  id: string,
  outcome: LiteralTrajectory['outcome'],
  messages: readonly Message[],
): LiteralTrajectory {
  return { id, outcome, source: 'test', messages }
}

/** Every message from the root to the Node. */
function path(tree: LiteralTree, id: string | null): readonly Message[] {
  const node = tree.nodes.find((each) => each.id === id)
  return node === undefined ? [] : [...path(tree, node.parent), ...node.messages]
}

/** The shape of a Tree, one row a Node. */
const shape = (tree: LiteralTree) =>
  tree.nodes.map(({ id, parent, kind, n, successes }) => [id, parent, kind, n, successes])

describe('a literal tree', () => {
  it('merges where messages are the same, and not where only the thought or the observation differs', () => {
    const tree = literalTree(
      PROMPT,
      [
        trajectory('a', 'resolved', [reply('ls'), seen('a.py'), reply('fix')]),
        trajectory('b', 'unresolved', [reply('ls'), seen('b.py'), reply('fix')]),
        trajectory('c', 'unknown', [reply('ls'), seen('a.py'), reply('fix'), seen('done')]),
        trajectory('d', 'resolved', [reply('I look. ls'), seen('a.py')]),
      ],
      [],
    )
    expect(shape(tree)).toEqual([
      ['0', null, 'prompt', 3, 2],
      ['1', '0', 'action', 2, 1],
      ['2', '1', 'obs', 1, 1],
      ['3', '2', 'action', 1, 1],
      ['4', '3', 'obs', 0, 0],
      ['5', '1', 'obs', 1, 0],
      ['6', '5', 'action', 1, 0],
      ['7', '0', 'action', 1, 1],
      ['8', '7', 'obs', 1, 1],
    ])
    expect(tree.trajectories.map(({ id, leaf }) => [id, leaf])).toEqual([
      ['a', '3'],
      ['b', '6'],
      ['c', '4'],
      ['d', '8'],
    ])
    expect(tree.nodes.map(({ score }) => score)).toEqual([2 / 3, 0.5, 1, 1, null, 0, 0, 1, 1])
  })

  it('keeps several observation messages in one node, and puts a second reply in a row below the first', () => {
    const tree = literalTree(
      PROMPT,
      [trajectory('a', 'resolved', [reply('x'), seen('1'), seen('2'), reply('y'), reply('z')])],
      [],
    )
    expect(tree.nodes.map(({ kind, messages }) => [kind, messages.length])).toEqual([
      ['prompt', 2],
      ['action', 1],
      ['obs', 2],
      ['action', 1],
      ['action', 1],
    ])
  })

  it('hangs both sides of a pair below its prefix, whether a trajectory went there or not', () => {
    const pair = { weight: 1, chosen: reply('good'), rejected: reply('bad') }
    const tree = literalTree(
      PROMPT,
      [trajectory('a', 'resolved', [reply('ls'), seen('a.py'), reply('good')])],
      [
        { ...pair, id: 'p1', path: [reply('ls'), seen('a.py')], scores: { chosen: 0.9, rejected: 0.1 } },
        { ...pair, id: 'p2', path: [reply('pwd'), seen('/')] },
        { ...pair, id: 'p3', path: [] },
      ],
    )
    expect(shape(tree)).toEqual([
      ['0', null, 'prompt', 1, 1],
      ['1', '0', 'action', 1, 1],
      ['2', '1', 'obs', 1, 1],
      ['3', '2', 'action', 1, 1],
      ['4', '2', 'action', 0, 0],
      ['5', '0', 'action', 0, 0],
      ['6', '5', 'obs', 0, 0],
      ['7', '6', 'action', 0, 0],
      ['8', '6', 'action', 0, 0],
      ['9', '0', 'action', 0, 0],
      ['10', '0', 'action', 0, 0],
    ])
    expect(tree.pairs).toEqual([
      { id: 'p1', at: '2', chosen: '3', rejected: '4', scores: { chosen: 0.9, rejected: 0.1 }, weight: 1 },
      { id: 'p2', at: '6', chosen: '7', rejected: '8', scores: { chosen: 1, rejected: 0 }, weight: 1 },
      { id: 'p3', at: '0', chosen: '9', rejected: '10', scores: { chosen: 1, rejected: 0 }, weight: 1 },
    ])
  })

  it('does not tell messages apart by call ids, and names each result after the call it answered', () => {
    const call = (id: string, name: string) => ({ id, name, arguments: {} })
    const turns = (first: string, second: string): Message[] => [
      { role: 'assistant', content: '', toolCalls: [call(first, 'ls'), call(second, 'pwd')] },
      { role: 'tool', content: '/', toolCallId: second },
      { role: 'tool', content: 'a.py', toolCallId: first },
    ]
    const tree = literalTree(
      PROMPT,
      [
        trajectory('a', 'resolved', [...turns('x', 'y'), ...turns('x', 'y')]),
        trajectory('b', 'resolved', [...turns('7', '8'), ...turns('9', '10')]),
      ],
      [],
    )
    expect(tree.nodes).toHaveLength(5)
    expect(tree.nodes.map(({ messages }) => messages.map(({ toolCallId }) => toolCallId)).slice(1)).toEqual([
      [undefined],
      ['call_2', 'call_1'],
      [undefined],
      ['call_4', 'call_3'],
    ])
    expect(tree.nodes[3]?.messages[0]?.toolCalls?.map(({ id }) => id)).toEqual(['call_3', 'call_4'])
  })

  it('takes a result that answers the other of two calls for another observation', () => {
    const calls = ['a', 'b'].map((id) => ({ id, name: 'ls', arguments: {} }))
    const answered = (first: string, second: string): Message[] => [
      { role: 'assistant', content: '', toolCalls: calls },
      { role: 'tool', content: 'x', toolCallId: first },
      { role: 'tool', content: 'x', toolCallId: second },
    ]
    const tree = literalTree(
      PROMPT,
      [trajectory('1', 'resolved', answered('a', 'b')), trajectory('2', 'resolved', answered('b', 'a'))],
      [],
    )
    expect(tree.nodes.map(({ kind }) => kind)).toEqual(['prompt', 'action', 'obs', 'obs'])
  })

  it('takes time in proportion to the text: 2000 trajectories of 60 steps in seconds', () => {
    const many = Array.from({ length: 2000 }, (_, at) =>
      trajectory(
        String(at).padStart(5, '0'),
        at % 5 === 0 ? 'resolved' : 'unresolved',
        Array.from({ length: 60 }, (__, step) => [
          reply(`step ${step} of ${at % 2 ** Math.min(step, 12)}`),
          seen(`${step}`),
        ]).flat(),
      ),
    )
    const started = performance.now()
    const tree = literalTree(PROMPT, many, [])
    expect(tree.nodes.length).toBeGreaterThan(100_000)
    expect(tree.nodes[0]).toMatchObject({ n: 2000, successes: 400 })
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})

describe('whatever goes in', () => {
  const text = fc.constantFrom('', 'a', 'b', 'call_1', 'a b', ' ')
  const call = fc.record({ id: fc.constantFrom('i', 'j', 'call_1'), name: text, arguments: fc.constant({ x: 1 }) })
  const replies: fc.Arbitrary<Message> = fc.record(
    {
      role: fc.constant('assistant' as const),
      content: text,
      reasoning: text,
      toolCalls: fc.array(call, { maxLength: 2 }),
    },
    { requiredKeys: ['role', 'content'] },
  )
  const observed: fc.Arbitrary<Message> = fc.oneof(
    fc.record({ role: fc.constantFrom('user' as const, 'system' as const), content: text }),
    fc.record({ role: fc.constant('tool' as const), content: text, toolCallId: fc.constantFrom('i', 'j', 'k') }),
  )
  const conversation = fc
    .array(fc.tuple(replies, fc.array(observed, { maxLength: 2 })), { maxLength: 5 })
    .map((steps) => steps.flatMap(([action, observation]) => [action, ...observation]))
  const ids = { selector: ({ id }: { id: string }) => id, maxLength: 6 }
  const name = fc.string({ minLength: 1, maxLength: 3 })
  const trajectories: fc.Arbitrary<LiteralTrajectory[]> = fc.uniqueArray(
    fc.record({
      id: name,
      outcome: fc.constantFrom('resolved' as const, 'unresolved' as const, 'unknown' as const),
      source: fc.constant('test'),
      messages: conversation,
    }),
    ids,
  )
  const pairs: fc.Arbitrary<LiteralPair[]> = fc.uniqueArray(
    fc.record({ id: name, weight: fc.constant(1), path: conversation, chosen: replies, rejected: replies }),
    ids,
  )
  const literal = (messages: readonly Message[]) =>
    messages.map(({ role, content, reasoning, toolCalls = [] }) => ({
      role,
      content,
      reasoning,
      calls: toolCalls.map((each) => [each.name, each.arguments]),
    }))

  it('every trajectory and every side of a pair reads back letter for letter, and nothing is there twice', () => {
    fc.assert(
      fc.property(trajectories, pairs, (runs, choices) => {
        const tree = literalTree(PROMPT, runs, choices)
        for (const { id, messages } of runs) {
          const leaf = tree.trajectories.find((each) => each.id === id)?.leaf ?? ''
          expect(literal(path(tree, leaf))).toEqual(literal([...PROMPT, ...messages]))
        }
        for (const { id, path: before, chosen, rejected } of choices) {
          const pair = tree.pairs.find((each) => each.id === id)
          expect(literal(path(tree, pair?.at ?? ''))).toEqual(literal([...PROMPT, ...before]))
          for (const [side, action] of [
            [pair?.chosen, chosen],
            [pair?.rejected, rejected],
          ] as const) {
            const node = tree.nodes.find((each) => each.id === side)
            expect(node).toMatchObject({ parent: pair?.at, kind: 'action' })
            expect(literal(node?.messages ?? [])).toEqual(literal([action]))
          }
        }

        const withIds = tree.nodes.map(({ parent, kind, messages }) => JSON.stringify([parent, kind, messages]))
        expect(new Set(withIds).size).toBe(tree.nodes.length)
        expect(tree.nodes.map(({ id }) => id)).toEqual(tree.nodes.map((_, at) => String(at)))
        for (const { id, parent } of tree.nodes.slice(1)) expect(Number(parent)).toBeLessThan(Number(id))
      }),
    )
  })

  it('the order of trajectories and pairs changes nothing', () => {
    const shuffled = fc
      .tuple(trajectories, pairs)
      .chain(([runs, choices]) =>
        fc.tuple(
          fc.constant([runs, choices] as const),
          fc.shuffledSubarray(runs, { minLength: runs.length }),
          fc.shuffledSubarray(choices, { minLength: choices.length }),
        ),
      )
    fc.assert(
      fc.property(shuffled, ([[runs, choices], otherRuns, otherChoices]) => {
        expect(literalTree(PROMPT, otherRuns, otherChoices)).toEqual(literalTree(PROMPT, runs, choices))
      }),
    )
  })

  it('a node counts the judged trajectories whose messages begin with its path', () => {
    fc.assert(
      fc.property(trajectories, (runs) => {
        const tree = literalTree(PROMPT, runs, [])
        const leaves = new Map(tree.trajectories.map(({ id, leaf }) => [id, leaf]))
        const above = (leaf: string | null): string[] => {
          const node = tree.nodes.find(({ id }) => id === leaf)
          return node === undefined ? [] : [node.id, ...above(node.parent)]
        }
        for (const { id, n, successes } of tree.nodes) {
          const through = runs.filter((each) => above(leaves.get(each.id) ?? '').includes(id))
          expect(n).toBe(through.filter(({ outcome }) => outcome !== 'unknown').length)
          expect(successes).toBe(through.filter(({ outcome }) => outcome === 'resolved').length)
        }
      }),
    )
  })
})
