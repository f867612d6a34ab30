import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Act } from './programs/scripted-trainer.ts'

/** Variables with which a scripted trainer plays in place of the real one. */
export function scriptedPython(folder: string, script: readonly Act[]): Record<string, string> {
  const path = join(folder, 'python')
  const program = resolve('test/jobs/programs/scripted-trainer.ts')
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`)
  chmodSync(path, 0o755)
  return { SEALIGN_PYTHON: path, TRAINER_SCRIPT: JSON.stringify(script) }
}

/** A program called `nvidia-smi`, in a folder that is put before PATH. */
export function scriptedNvidiaSmi(folder: string, shell: string): Record<string, string> {
  writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\n${shell}\n`)
  chmodSync(join(folder, 'nvidia-smi'), 0o755)
  return { PATH: `${folder}:${process.env['PATH'] ?? ''}` }
}

/** A folder that looks like a model's. */
export function modelFolder(folder: string, name = 'model'): string {
  const path = join(folder, name)
  mkdirSync(path)
  for (const file of ['config.json', 'tokenizer.json', 'model.safetensors']) writeFileSync(join(path, file), '{}')
  return path
}
