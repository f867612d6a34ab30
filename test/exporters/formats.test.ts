import { describe, expect, test } from 'vitest'
import { axolotl } from '../../src/exporters/axolotl.ts'
import { exportFiles } from '../../src/exporters/export-files.ts'
import type { ExportOptions, PairExample, PairExporter, TreeExample } from '../../src/exporters/exporter.ts'
import { EXPORTERS } from '../../src/exporters/formats.ts'
import { jsonl, pairsJsonl } from '../../src/exporters/jsonl.ts'
import { llamaFactory } from '../../src/exporters/llama-factory.ts'
import { openrlhf } from '../../src/exporters/openrlhf.ts'
import { trees } from '../../src/exporters/trees.ts'
import { trl, trlSft } from '../../src/exporters/trl.ts'
import { TreeLine } from '../../src/training/tree-line.ts'
import { bash, collect, pairExample, rowsOf, textPair, textStep, trajectoryExample, treeExample } from './examples.ts'

function pairRow(exporter: PairExporter, pair: PairExample, options: ExportOptions = {}): Record<string, unknown> {
  const { files, result } = collect(exportFiles(exporter, [pair], options))
  expect(result.dropped).toEqual([])
  return rowsOf(files.get(`${exporter.stem}.jsonl`))[0] ?? {}
}

/** A list of objects in a row. */
function list(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : []
}

test('every format has a name of its own and a short summary', () => {
  expect(new Set(EXPORTERS.map(({ format }) => format)).size).toBe(EXPORTERS.length)
  for (const { summary } of EXPORTERS) expect(summary.length).toBeLessThan(70)
})

describe('trl', () => {
  test('keeps native calls as tool_calls with object arguments, and the tools as JSON text', () => {
    const row = pairRow(trl, pairExample())
    expect(row['prompt']).toEqual([
      { role: 'system', content: 'You fix bugs.' },
      { role: 'user', content: 'Fix the bug.' },
      {
        role: 'assistant',
        content: 'First I look.',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'bash', arguments: { command: 'ls' } } }],
      },
      { role: 'tool', content: 'a.py', tool_call_id: 'c1' },
    ])
    expect(row['chosen']).toEqual([
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'c2', type: 'function', function: { name: 'bash', arguments: { command: 'cat a.py' } } }],
      },
    ])
    expect(JSON.parse(String(row['tools']))).toMatchObject([{ type: 'function', function: { name: 'bash' } }])
  })

  test('writes native calls as text on request: tools in the system message, results as user messages', () => {
    const row = pairRow(trl, pairExample(), { calls: 'text' })
    const [system, , reply, result] = row['prompt'] as { role: string; content: string }[]
    expect(system?.content).toMatch(/^You fix bugs\.\n\nYou can call these functions:\n\nFunction bash: Run a command/)
    expect(system?.content).toContain('- command (string, required): The command')
    expect(reply?.content).toBe('First I look.\n<function=bash>\n<parameter=command>ls</parameter>\n</function>')
    expect(result).toEqual({ role: 'user', content: 'EXECUTION RESULT of [bash]:\na.py' })
    expect(row['rejected']).toEqual([
      { role: 'assistant', content: 'Gone.\n<function=bash>\n<parameter=command>rm a.py</parameter>\n</function>' },
    ])
    expect(row['tools']).toBe('[]')
  })

  test('leaves calls that the source wrote as text alone, prompt included', () => {
    const pair = textPair()
    const literal = pairRow(trl, pair)
    expect(literal['prompt']).toEqual(pair.prefix)
    expect(pairRow(trl, pair, { calls: 'text' })['prompt']).toEqual(pair.prefix)
  })

  test('reads text calls back into native ones on request, with their types', () => {
    const step = {
      reply: {
        role: 'assistant' as const,
        content:
          'Now.\n<function=bash>\n<parameter=command>ls</parameter>\n<parameter=timeout>5</parameter>\n</function>',
      },
      observation: [],
    }
    const row = pairRow(trl, textPair({ chosen: step }), { calls: 'native' })
    expect((row['prompt'] as unknown[])[3]).toEqual({
      role: 'tool',
      content: 'a.py',
      tool_call_id: 'call_1',
      name: 'bash',
    })
    expect(row['chosen']).toEqual([
      {
        role: 'assistant',
        content: 'Now.',
        tool_calls: [
          { id: 'call_2', type: 'function', function: { name: 'bash', arguments: { command: 'ls', timeout: 5 } } },
        ],
      },
    ])
  })

  test('brings a dataset card that fixes splits and column types', () => {
    const { files } = collect(exportFiles(trl, [pairExample()]))
    const card = files.get('README.md')?.toString()
    expect(card).toContain('  - split: train\n    path: "trl.jsonl"\n')
    expect(card).toContain('  - name: prompt\n    list: json\n')
    expect(card).toContain('  - name: tools\n    dtype: string\n')
  })
})

describe('trl-sft', () => {
  test('writes a whole trajectory up to its last reply', () => {
    const { files } = collect(exportFiles(trlSft, [trajectoryExample()]))
    const [row] = rowsOf(files.get('trl-sft.jsonl'))
    expect(list(row?.['messages']).map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
      'assistant',
    ])
  })
})

describe('llama-factory', () => {
  test('writes alternating ShareGPT turns, an odd number of them, with the system text apart', () => {
    const row = pairRow(llamaFactory, pairExample())
    const turns = row['conversations'] as { from: string }[]
    expect(turns.map(({ from }) => from)).toEqual(['human', 'gpt', 'human'])
    expect(row['system']).toMatch(/^You fix bugs\.\n\nYou can call these functions/)
    expect(row['chosen']).toEqual({
      from: 'gpt',
      value: '<function=bash>\n<parameter=command>cat a.py</parameter>\n</function>',
    })
    expect(row['tools']).toBe('')
  })

  test('merges what stands between two replies: results into one observation, messages into one human turn', () => {
    const two = {
      role: 'assistant' as const,
      content: '',
      toolCalls: [bash('ls', '', 'a').reply, bash('pwd', '', 'b').reply].flatMap(({ toolCalls = [] }) => toolCalls),
    }
    const pair = pairExample({
      prefix: [
        { role: 'user', content: 'One.' },
        { role: 'user', content: 'Two.' },
        two,
        { role: 'tool', content: 'x', toolCallId: 'a' },
        { role: 'tool', content: 'y', toolCallId: 'b' },
      ],
      chosen: bash('cat a.py'),
      rejected: bash('rm a.py'),
    })
    const row = pairRow(llamaFactory, pair, { calls: 'native' })
    expect(row['conversations']).toEqual([
      { from: 'human', value: 'One.\nTwo.' },
      {
        from: 'function_call',
        value: '[{"name":"bash","arguments":{"command":"ls"}},{"name":"bash","arguments":{"command":"pwd"}}]',
      },
      { from: 'observation', value: 'x\ny' },
    ])
    expect(row['chosen']).toEqual({
      from: 'function_call',
      value: '{"name":"bash","arguments":{"command":"cat a.py"}}',
    })
    expect(JSON.parse(String(row['tools']))).toMatchObject([{ name: 'bash', parameters: { type: 'object' } }])
  })

  test('drops a native reply with text beside its call, and says what would help', () => {
    const { result } = collect(exportFiles(llamaFactory, [pairExample()], { calls: 'native' }))
    expect(result.dropped).toEqual([
      {
        id: 'pair-1',
        reason: 'a reply has text beside its call, which function_call cannot hold; `--calls text` can',
      },
    ])
    expect(result.files).toEqual([])
  })

  test('drops a conversation that does not begin with a user turn', () => {
    const prefix = pairExample().prefix.filter(({ role }) => role !== 'user')
    const { result } = collect(exportFiles(llamaFactory, [pairExample({ prefix })]))
    expect(result.dropped[0]?.reason).toBe('turn 1 breaks the alternation of human and gpt turns')
  })

  test('brings dataset_info.json that names each split', () => {
    const { files } = collect(
      exportFiles(
        llamaFactory,
        Array.from({ length: 20 }, (_, i) => pairExample({ task: `t${i}` })),
        { valFraction: 0.5 },
      ),
    )
    const info = JSON.parse(files.get('dataset_info.json')?.toString() ?? '{}') as Record<string, unknown>
    expect(Object.keys(info)).toEqual(['llama_factory_train', 'llama_factory_val'])
    expect(info['llama_factory_val']).toMatchObject({
      file_name: 'llama-factory-val.jsonl',
      formatting: 'sharegpt',
      ranking: true,
      columns: { messages: 'conversations', chosen: 'chosen', rejected: 'rejected', system: 'system', tools: 'tools' },
    })
  })
})

test.each([
  [openrlhf, 'prompt'],
  [axolotl, 'messages'],
] as const)('$format holds roles and text only, in every message', (exporter, field) => {
  const row = pairRow(exporter, pairExample())
  const messages = [row[field], row['chosen'], row['rejected']].flat() as Record<string, unknown>[]
  expect(messages.map((message) => Object.keys(message))).toEqual(messages.map(() => ['role', 'content']))
  expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user', 'assistant', 'assistant'])
})

describe('trees', () => {
  type Written = { messages: Record<string, unknown>[]; id: string; kind: string; parent: string | null }
  const written = (example: TreeExample, options: ExportOptions = {}) => {
    const { files, result } = collect(exportFiles(trees, [example], options))
    const row = rowsOf(files.get('trees.jsonl'))[0] ?? {}
    if (result.rows > 0) TreeLine.parse(row)
    return { row, nodes: list(row['nodes']) as Written[], dropped: result.dropped }
  }

  test('writes the contract of the trainer, one tree per line', () => {
    const { row, nodes, dropped } = written(treeExample())
    expect(dropped).toEqual([])
    expect(Object.keys(row)).toEqual(
      'v tree_id instance_id repo split tools template nodes trajectories pairs'.split(' '),
    )
    expect(row).toMatchObject({
      v: 1,
      tree_id: 'tree-1',
      instance_id: 'task-1',
      repo: null,
      split: null,
      template: 'qwen2.5',
      tools: [{ type: 'function', function: { name: 'bash' } }],
    })
    expect(nodes.map(({ id, parent, kind }) => [id, parent, kind])).toEqual([
      ['0', null, 'prompt'],
      ['1', '0', 'action'],
      ['2', '1', 'obs'],
      ['3', '2', 'action'],
      ['4', '2', 'action'],
    ])
    expect(nodes[2]).toEqual({
      id: '2',
      parent: '1',
      kind: 'obs',
      messages: [{ role: 'tool', content: 'a.py', tool_call_id: 'call_1' }],
      n: 2,
      n_success: 1,
      score: 0.5,
    })
    expect(row['trajectories']).toEqual([
      { id: 't1', leaf: '3', resolved: true, source: 'a' },
      { id: 't2', leaf: '4', resolved: false, source: 'b' },
      { id: 't3', leaf: '1', resolved: null, source: 'b' },
    ])
    expect(row['pairs']).toEqual([
      { id: 'p1', at: '2', chosen: '3', rejected: '4', score_chosen: 0.75, score_rejected: 0.25, weight: 1 },
    ])
  })

  test('names the split where something is held out, and not otherwise: the trainer then decides by repository', () => {
    expect(written(treeExample()).row['split']).toBeNull()
    const splits = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(
      (task) => written(treeExample({ task }), { valFraction: 0.5 }).row['split'],
    )
    expect(new Set(splits)).toEqual(new Set(['train', 'val']))
  })

  test('holds a pair as trl writes it and a trajectory as trl-sft does, in every call form', () => {
    for (const calls of ['literal', 'native', 'text'] as const)
      for (const example of [treeExample(), textTree()]) {
        const { row, nodes } = written(example, { calls })
        const path = (id: unknown): Record<string, unknown>[] => {
          const node = nodes.find((each) => each.id === id)
          return node === undefined ? [] : [...path(node.parent), ...node.messages]
        }
        const { tools = [], prompt } = example
        const [pair] = example.pairs
        if (pair === undefined) throw new Error('a pair is missing')
        const prefix = [...prompt, ...pair.path]
        const trlRow = pairRow(trl, pairExample({ ...pair, tools, prefix }), { calls })
        const [line] = list(row['pairs'])
        const own = (side: string) => path(line?.[side]).map(withoutIds)
        expect(own('at')).toEqual(list(trlRow['prompt']).map(withoutIds))
        expect(own('chosen').at(-1)).toEqual(list(trlRow['chosen']).map(withoutIds)[0])
        expect(own('rejected').at(-1)).toEqual(list(trlRow['rejected']).map(withoutIds)[0])
        for (const [at, trajectory] of example.trajectories.entries()) {
          const { files } = collect(
            exportFiles(trlSft, [trajectoryExample({ ...trajectory, tools, prompt })], { calls }),
          )
          const leaf = list(row['trajectories'])[at]?.['leaf']
          expect(path(leaf).map(withoutIds)).toEqual(
            list(rowsOf(files.get('trl-sft.jsonl'))[0]?.['messages']).map(withoutIds),
          )
        }
      }
  })

  test('finds the call of a result in the node above when calls become text, and explains the form once', () => {
    const { row, nodes } = written(treeExample(), { calls: 'text' })
    expect(nodes[2]?.messages).toEqual([{ role: 'user', content: 'EXECUTION RESULT of [bash]:\na.py' }])
    expect(nodes[0]?.messages[0]?.['content']).toContain('Function bash')
    expect(nodes).toHaveLength(5)
    expect(row['tools']).toBeNull()
  })

  test('explains the form in every tree although a file that was looked at shows such a call', () => {
    const seen = bash('cat a.md')
    const observation = [{ role: 'user' as const, content: '<function=NAME>' }]
    const steps = [{ ...seen, observation }, bash('ls')]
    const { nodes } = written(
      treeExample({ trajectories: [{ id: 't1', outcome: 'resolved', source: 'a', steps }], pairs: [] }),
      { calls: 'text' },
    )
    expect(nodes[0]?.messages[0]?.['content']).toContain('Function bash')
  })

  test('names calls by their place, so that each result names the call above it whoever it was taken from', () => {
    for (const { kind, messages, parent } of written(treeExample(), { calls: 'native' }).nodes) {
      if (kind !== 'obs') continue
      const above = written(treeExample(), { calls: 'native' }).nodes.find(({ id }) => id === parent)
      expect(messages.map((message) => message['tool_call_id'])).toEqual(
        list(above?.messages[0]?.['tool_calls']).map(({ id }) => id),
      )
    }
  })

  test('drops a pair and a trajectory no trainer should see, keeps the tree, and counts without them', () => {
    const { pairs, trajectories } = treeExample()
    const words = (content: string) => ({ reply: { role: 'assistant' as const, content }, observation: [] })
    const broken = treeExample({
      pairs: pairs.flatMap((pair) => [pair, { ...pair, id: 'p2', rejected: pair.chosen }]),
      trajectories: [
        ...trajectories,
        { id: 't4', outcome: 'resolved', source: 'a', steps: [words('<function=bash>')] },
      ],
    })
    const { row, nodes, dropped } = written(broken)
    expect(dropped).toEqual([
      { id: 't4', reason: 'the reply of step 1 is cut off: "<function=bash>" is never closed' },
      { id: 'p2', reason: 'both actions are written the same' },
    ])
    expect(row['pairs']).toHaveLength(1)
    expect(nodes).toHaveLength(5)
    expect(nodes[0]).toMatchObject({ n: 2, n_success: 1 })
  })

  test.each<[string, Partial<TreeExample>, string]>([
    ['without a prompt', { prompt: [] }, 'there is no message before the first action'],
    ['of nothing', { trajectories: [], pairs: [] }, 'nothing of it can be trained on'],
  ])('drops a tree %s', (_, over, reason) => {
    expect(written(treeExample(over)).dropped).toEqual([{ id: 'tree-1', reason }])
  })

  test('redacts secrets before it merges', () => {
    const step = (key: string) => bash(`export KEY=sk-${key.repeat(20)}`)
    const { nodes } = written(
      treeExample({
        trajectories: [
          { id: 't1', outcome: 'resolved', source: 'a', steps: [step('a1')] },
          { id: 't2', outcome: 'resolved', source: 'a', steps: [step('b2')] },
        ],
        pairs: [],
      }),
    )
    expect(nodes).toHaveLength(2)
    expect(JSON.stringify(nodes)).toContain('KEY=[redacted]')
  })
})

/** A tree whose calls stand in the text. */
function textTree(): TreeExample {
  const { prefix, chosen, rejected } = textPair()
  const shared = { ...textStep('ls'), observation: prefix.slice(3) }
  return treeExample({
    prompt: prefix.slice(0, 2),
    trajectories: [
      { id: 't1', outcome: 'resolved', source: 'a', steps: [shared, chosen] },
      { id: 't2', outcome: 'unresolved', source: 'a', steps: [shared, rejected] },
    ],
    pairs: [{ id: 'p1', weight: 2, path: prefix.slice(2), chosen, rejected }],
  })
}

function withoutIds(message: Record<string, unknown>): unknown {
  return JSON.parse(
    JSON.stringify(message, (key, value: unknown) => (key === 'id' || key === 'tool_call_id' ? undefined : value)),
  )
}

describe('sealign’s own lines', () => {
  test('hold a trajectory exactly', () => {
    const example = trajectoryExample({ run: '3', model: 'm', patch: '', end: 'submitted', repository: 'o/r' })
    const { files } = collect(exportFiles(jsonl, [example]))
    expect(rowsOf(files.get('trajectories.jsonl'))).toEqual([{ sealign: 1, type: 'trajectory', ...example }])
  })

  test('hold a pair exactly', () => {
    const { files } = collect(exportFiles(pairsJsonl, [pairExample()]))
    expect(rowsOf(files.get('pairs.jsonl'))).toEqual([{ sealign: 1, type: 'pair', ...pairExample() }])
  })
})
