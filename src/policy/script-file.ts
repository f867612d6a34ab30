import { open } from 'node:fs/promises'
import { z } from 'zod'
import { SealignError } from '../domain/errors.ts'
import type { ScriptLine } from './script.ts'

const MAX_BYTES = 64_000_000
const MAX_DELAY_MS = 3_600_000

const delayMs = z.number().min(0).max(MAX_DELAY_MS)
const call = z.strictObject({
  id: z.string().optional(),
  name: z.string().min(1),
  arguments: z.union([z.string(), z.record(z.string(), z.json())]).default({}),
})
const entry = z.union([
  z.string(),
  z.strictObject({
    content: z.string().optional(),
    reasoning: z.string().optional(),
    toolCalls: z.array(call).optional(),
    finish: z.enum(['stop', 'length', 'calls']).optional(),
    delayMs: delayMs.optional(),
    fault: z.enum(['context', 'unreachable', 'busy', 'broken', 'key', 'model', 'request']).optional(),
  }),
])
const line = z.strictObject({
  task: z.string().min(1).optional(),
  replies: z.array(entry).min(1),
  delayMs: delayMs.optional(),
  repeat: z.boolean().optional(),
})

/**
 * Reads a script: JSON Lines `{task?, replies: [text | {content?, reasoning?, toolCalls?, …}], delayMs?, repeat?}`; blank lines
 * are skipped.
 *
 * @throws SealignError `not-found` or `config`, naming file and line.
 */
export async function readScript(path: string): Promise<readonly ScriptLine[]> {
  const text = await scriptText(path)
  const lines = text.split('\n').flatMap((raw, at) => (raw.trim() === '' ? [] : [scriptLine(raw, `${path}:${at + 1}`)]))
  if (lines.length > 0) return lines
  throw new SealignError('config', `${path} holds no replies`, { hint: `Write one JSON object per line: ${EXAMPLE}` })
}

const EXAMPLE = '{"replies": ["first reply", "second reply"]}'

async function scriptText(path: string): Promise<string> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    if (size > MAX_BYTES) throw new SealignError('config', `${path} is larger than ${MAX_BYTES / 1e6} MB`)
    return (await file.readFile('utf8')).replace(/^\uFEFF/, '')
  } catch (error) {
    if (error instanceof SealignError) throw error
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read'
    throw new SealignError('not-found', `The script ${path} ${reason}`, { cause: error })
  }
}

function scriptLine(raw: string, where: string): ScriptLine {
  let value: unknown
  try {
    value = JSON.parse(raw)
  } catch {
    throw new SealignError('config', `${where}: not valid JSON`, { hint: `Write one JSON object per line: ${EXAMPLE}` })
  }
  const parsed = line.safeParse(value)
  // zod writes an absent optional field as absent: the cast only tells exactOptionalPropertyTypes so.
  if (parsed.success) return parsed.data as ScriptLine
  const [issue] = parsed.error.issues
  const at = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''
  throw new SealignError('config', `${where}: ${at}${issue?.message ?? 'not a line of a script'}`, {
    hint: `A line looks like ${EXAMPLE}`,
  })
}
