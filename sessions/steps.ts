import type { Json } from '../src/domain/json.ts'
import type { Message, Role, ToolCall } from '../src/domain/message.ts'
import type { StepDraft } from '../src/domain/trajectory.ts'
import { actionLabel } from '../src/tree/action-key.ts'
import type { Db, SqlValue } from './db.ts'
import type { TextRef, Texts } from './texts.ts'

/**
 * What a step row keeps beside its texts. Fields are left out where they say nothing, since most steps need one or two:
 * `ids` call ids · `native` the calls are the reply's own `toolCalls` · `thought` as a range of the reply's content, or as text ·
 * `bad` why malformed · `role` of a reply that is not plain `assistant` · `obs` one entry per observation message · `exit` · `ms`.
 */
interface StepMeta {
  ids?: (string | null)[]
  native?: 1
  thought?: [start: number, end: number] | string
  bad?: string
  /** Role, length in UTF-16 units, answered call id, tool name, native calls (an assistant message kept as context). */
  obs?: [role: Role, length: number, toolCallId?: string | null, name?: string | null][]
  exit?: number
  ms?: number
}

interface StepRow {
  readonly t: number
  readonly reply: TextRef
  readonly reasoning: TextRef
  readonly calls: TextRef
  readonly observation: TextRef
  readonly meta: string
}

/** Where the observation's text (`observationText`) stands among a Step's cells. */
export const OBSERVATION_CELL = 4

/** Cells of one step row, in the order `encodeStep` gives them: label, reply, reasoning, calls, observation, meta. */
export const STEP_CELLS = 6

/** Appends the cells of one Step's row. */
export function encodeStep(step: StepDraft, cells: (string | null)[]): void {
  const calls = step.calls ?? step.reply.toolCalls
  cells.push(
    actionLabel(step),
    step.reply.content,
    step.reply.reasoning ?? null,
    calls === undefined ? null : JSON.stringify(calls.map(({ name, arguments: args }) => [name, args])),
    joined(step.observation),
    JSON.stringify(metaOf(step, calls)),
  )
}

/** Rows of one insert statement: most of its cost is per statement, not per row. */
const ROWS = 16
const ROW = '(?, ?, ?, ?, ?, ?, ?, ?)'
const INSERT = 'insert into step (trajectory_id, t, label, reply, reasoning, calls, observation, meta) values '
const INSERT_MANY = INSERT + Array.from({ length: ROWS }, () => ROW).join(', ')
const INSERT_ONE = INSERT + ROW

/** Appends the rows of the Steps after Step `after` of a stored Trajectory (inside a transaction). */
export function insertSteps(
  db: Db,
  texts: Texts,
  trajectory: number,
  cells: readonly (string | null)[],
  after: number,
): void {
  const steps = cells.length / STEP_CELLS
  let values: SqlValue[] = []
  for (let t = after + 1; t <= steps; t++) {
    const at = (t - 1) * STEP_CELLS
    values.push(
      trajectory,
      t,
      cells[at] ?? '',
      texts.put(cells[at + 1]),
      texts.put(cells[at + 2]),
      texts.put(cells[at + 3]),
      texts.put(cells[at + 4]),
      cells[at + 5] ?? '{}',
    )
    const rows = values.length / ROW_VALUES
    if (rows === ROWS) db.run(INSERT_MANY, ...values)
    if (rows === ROWS) values = []
  }
  for (let at = 0; at < values.length; at += ROW_VALUES) db.run(INSERT_ONE, ...values.slice(at, at + ROW_VALUES))
}
const ROW_VALUES = 8

/** Inserts the row of one Step (inside a transaction). */
export function insertStep(
  db: Db,
  texts: Texts,
  trajectory: number,
  t: number,
  cells: readonly (string | null)[],
): void {
  const [label, reply, reasoning, calls, observation, meta] = cells
  const refs = [reply, reasoning, calls, observation].map((text) => texts.put(text))
  db.run(INSERT_ONE, trajectory, t, label ?? '', ...refs, meta ?? '{}')
}

/** Reads one Step back exactly as it was given. */
export function readStep(db: Db, texts: Texts, trajectory: number, t: number): StepDraft | undefined {
  const row = db.get<StepRow>(
    'select t, reply, reasoning, calls, observation, meta from step where trajectory_id = ? and t = ?',
    trajectory,
    t,
  )
  return row && stepOf(texts, row)
}

/** Reads Steps in order, one at a time. */
export function* readSteps(db: Db, texts: Texts, trajectory: number): Generator<StepDraft, void> {
  const rows = db.iterate<StepRow>(
    'select t, reply, reasoning, calls, observation, meta from step where trajectory_id = ? order by t',
    trajectory,
  )
  for (const row of rows) yield stepOf(texts, row)
}

function joined(observation: readonly Message[]): string | null {
  const [first] = observation
  if (!first) return null
  return observation.length === 1 ? first.content : observation.map((message) => message.content).join('\n')
}

function metaOf(step: StepDraft, calls: readonly ToolCall[] | undefined): StepMeta {
  const meta: StepMeta = {}
  if (calls && step.calls === undefined) meta.native = 1
  if (calls?.some((call) => call.id !== undefined)) meta.ids = calls.map((call) => call.id ?? null)
  if (step.thought !== undefined) meta.thought = range(step.reply.content, step.thought)
  if (step.malformed !== undefined) meta.bad = step.malformed
  if (step.observation.length > 0) meta.obs = step.observation.map(observationMeta)
  if (step.exitCode !== undefined) meta.exit = step.exitCode
  if (step.durationMs !== undefined) meta.ms = step.durationMs
  return meta
}

function observationMeta(message: Message): [Role, number, (string | null)?, (string | null)?] {
  const { role, content, toolCallId, name } = message
  if (name !== undefined) return [role, content.length, toolCallId ?? null, name]
  return toolCallId === undefined ? [role, content.length] : [role, content.length, toolCallId]
}

/** A thought is nearly always a piece of the reply: two numbers instead of the text again. */
function range(content: string, thought: string): [number, number] | string {
  const start = content.indexOf(thought)
  return start < 0 ? thought : [start, start + thought.length]
}

function stepOf(texts: Texts, row: StepRow): StepDraft {
  const meta = JSON.parse(row.meta) as StepMeta
  const content = texts.get(row.reply) ?? ''
  const calls = callsOf(texts.get(row.calls), meta)
  const reasoning = texts.get(row.reasoning)
  return {
    reply: {
      role: 'assistant',
      content,
      ...(reasoning !== undefined && { reasoning }),
      ...(calls && meta.native && { toolCalls: calls }),
    },
    ...(calls && !meta.native && { calls }),
    ...(meta.thought !== undefined && {
      thought: typeof meta.thought === 'string' ? meta.thought : content.slice(...meta.thought),
    }),
    ...(meta.bad !== undefined && { malformed: meta.bad }),
    observation: observationOf(texts.get(row.observation) ?? '', meta),
    ...(meta.exit !== undefined && { exitCode: meta.exit }),
    ...(meta.ms !== undefined && { durationMs: meta.ms }),
  }
}

function callsOf(text: string | undefined, meta: StepMeta): ToolCall[] | undefined {
  if (text === undefined) return undefined
  const calls = JSON.parse(text) as [string, ToolCall['arguments'] & Json][]
  return calls.map(([name, args], position) => {
    const id = meta.ids?.[position]
    return { ...(id != null && { id }), name, arguments: args }
  })
}

function observationOf(text: string, meta: StepMeta): Message[] {
  let start = 0
  return (meta.obs ?? []).map(([role, length, toolCallId, name]) => {
    const content = text.slice(start, start + length)
    start += length + 1
    return { role, content, ...(toolCallId != null && { toolCallId }), ...(name != null && { name }) }
  })
}
