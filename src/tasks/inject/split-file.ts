import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { SealignError } from '../../domain/errors.ts'

/** Which Tasks of a set a Policy is trained on and which ones only measure it: names, in order. */
export const taskSplitSchema = z.strictObject({ train: z.array(z.string()), heldOut: z.array(z.string()) }).readonly()

export type TaskSplit = z.infer<typeof taskSplitSchema>

/**
 * `split.json` of a folder with Tasks; `undefined`: there is none.
 * @throws SealignError `contract` when it is something else.
 */
export async function readSplit(folder: string): Promise<TaskSplit | undefined> {
  const path = join(folder, 'split.json')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const parsed = taskSplitSchema.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new SealignError('contract', `${path} is no split of tasks`, {
    hint: 'Expected {"train": [names], "heldOut": [names]}.',
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
