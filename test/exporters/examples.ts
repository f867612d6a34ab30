import type { Message } from '../../src/domain/message.ts'
import type { StepDraft } from '../../src/domain/trajectory.ts'
import type { ExportResult, FileChunk } from '../../src/exporters/export-files.ts'
import type { PairExample, TrajectoryExample, TreeExample } from '../../src/exporters/exporter.ts'

/** A tool definition as OpenAI-style sources list it. */
export const BASH_TOOL = {
  type: 'function',
  function: {
    name: 'bash',
    description: 'Run a command',
    parameters: {
      type: 'object',
      properties: { command: { type: 'string', description: 'The command' }, timeout: { type: 'integer' } },
      required: ['command'],
    },
  },
} as const

/** A reply with one native call to `bash`. */
export function bash(command: string, thought = '', id?: string): StepDraft {
  const call = { name: 'bash', arguments: { command }, ...(id === undefined ? {} : { id }) }
  return { reply: { role: 'assistant', content: thought, toolCalls: [call] }, observation: [] }
}

/** A reply that holds its call as text. */
export function textStep(command: string, thought = 'I look.'): StepDraft {
  const content = `${thought}\n<function=bash>\n<parameter=command>${command}</parameter>\n</function>`
  return { reply: { role: 'assistant', content }, calls: [{ name: 'bash', arguments: { command } }], observation: [] }
}

const NATIVE_PREFIX: readonly Message[] = [
  { role: 'system', content: 'You fix bugs.' },
  { role: 'user', content: 'Fix the bug.' },
  bash('ls', 'First I look.', 'c1').reply,
  { role: 'tool', content: 'a.py', toolCallId: 'c1' },
]

/** A Pair of native calls with one shared step before it. */
export function pairExample(over: Partial<PairExample> = {}): PairExample {
  return {
    id: 'pair-1',
    task: 'task-1',
    repository: 'o/r',
    mode: 'call',
    tools: [BASH_TOOL],
    prefix: NATIVE_PREFIX,
    chosen: bash('cat a.py', '', 'c2'),
    rejected: bash('rm a.py', 'Gone.', 'c3'),
    counts: { chosen: { n: 3, r: 3 }, rejected: { n: 2, r: 0 } },
    delta: 1,
    confidence: 0.9,
    ...over,
  }
}

/** A Pair whose calls stand in the text, as OpenHands and SWE-smith write them. */
export function textPair(over: Partial<PairExample> = {}): PairExample {
  return pairExample({
    prefix: [
      { role: 'system', content: 'Call like this: <function=NAME>…' },
      { role: 'user', content: 'Fix the bug.' },
      textStep('ls').reply,
      { role: 'user', content: 'EXECUTION RESULT of [bash]:\na.py' },
    ],
    chosen: textStep('cat a.py'),
    rejected: textStep('rm a.py'),
    ...over,
  })
}

/** A resolved Trajectory of two steps. */
export function trajectoryExample(over: Partial<TrajectoryExample> = {}): TrajectoryExample {
  return {
    id: 'trajectory-1',
    task: 'task-1',
    tools: [BASH_TOOL],
    prompt: NATIVE_PREFIX.slice(0, 2),
    steps: [
      { ...bash('ls', 'First I look.', 'c1'), observation: [{ role: 'tool', content: 'a.py', toolCallId: 'c1' }] },
      { ...bash('submit', 'Done.', 'c2'), observation: [{ role: 'tool', content: 'bye', toolCallId: 'c2' }] },
    ],
    outcome: 'resolved',
    ...over,
  }
}

/** A Tree of three Trajectories and one Pair, critical after the shared `ls`; every Trajectory has call ids of its own. */
export function treeExample(over: Partial<TreeExample> = {}): TreeExample {
  const shared = (id: string): StepDraft => ({
    ...bash('ls', 'First I look.', id),
    observation: [{ role: 'tool', content: 'a.py', toolCallId: id }],
  })
  const last = (step: StepDraft): StepDraft => ({ ...step, observation: [{ role: 'user', content: 'Time is up.' }] })
  return {
    id: 'tree-1',
    task: 'task-1',
    tools: [BASH_TOOL],
    prompt: NATIVE_PREFIX.slice(0, 2),
    trajectories: [
      { id: 't1', outcome: 'resolved', source: 'a', steps: [shared('x1'), last(bash('cat a.py', '', 'x2'))] },
      { id: 't2', outcome: 'unresolved', source: 'b', steps: [shared('y1'), bash('rm a.py', 'Gone.', 'y2')] },
      { id: 't3', outcome: 'unknown', source: 'b', steps: [shared('z1')] },
    ],
    pairs: [
      {
        id: 'p1',
        weight: 1,
        scores: { chosen: 0.75, rejected: 0.25 },
        path: NATIVE_PREFIX.slice(2),
        chosen: bash('cat a.py', '', 'c2'),
        rejected: bash('rm a.py', 'Gone.', 'c3'),
      },
    ],
    ...over,
  }
}

/** Runs an export to its end: its result, and every file's bytes. */
export function collect(chunks: Generator<FileChunk, ExportResult>): {
  readonly result: ExportResult
  readonly files: ReadonlyMap<string, Buffer>
  readonly chunkCount: number
} {
  const parts = new Map<string, Uint8Array[]>()
  let chunkCount = 0
  for (;;) {
    const next = chunks.next()
    if (next.done === true) {
      const files = new Map([...parts].map(([name, bytes]) => [name, Buffer.concat(bytes)]))
      return { result: next.value, files, chunkCount }
    }
    chunkCount += 1
    const { file, bytes } = next.value
    parts.set(file, [...(parts.get(file) ?? []), Buffer.from(bytes)])
  }
}

/** The rows of a JSON Lines file. */
export function rowsOf(bytes: Buffer | undefined): readonly Record<string, unknown>[] {
  const text = bytes?.toString('utf8') ?? ''
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
