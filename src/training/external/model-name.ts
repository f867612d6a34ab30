import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject } from '../../domain/json.ts'

const MAX_NAME = 300
/** Files that name the model a training starts from, and under which key. */
const NAMED_IN = [
  ['adapter_config.json', 'base_model_name_or_path'],
  ['config.json', '_name_or_path'],
] as const

/** What a training in this folder starts from, as its own files or those of a checkpoint say; `undefined`: they do not. */
export async function modelName(folder: string): Promise<string | undefined> {
  const entries = await readdir(folder).catch(() => [])
  const checkpoint = entries.filter((entry) => /^checkpoint-\d+$/.test(entry)).at(-1)
  for (const place of checkpoint === undefined ? [folder] : [folder, join(folder, checkpoint)])
    for (const [file, key] of NAMED_IN) {
      const name = await named(join(place, file), key)
      if (name !== undefined) return name
    }
  return undefined
}

async function named(path: string, key: string): Promise<string | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    const name = isObject(value) ? value[key] : undefined
    return typeof name === 'string' && name !== '' ? name.slice(0, MAX_NAME) : undefined
  } catch {
    return undefined
  }
}
