import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { TRAINER_PYTHON } from './needs.ts'

/** A tiny random language model with a tokenizer, in a folder. */
export function tinyModel(folder: string): string {
  const path = join(folder, 'tiny')
  const env = { ...process.env, PYTHONPATH: 'trainer' }
  execFileSync(TRAINER_PYTHON, ['-m', 'sealign_trainer', 'tiny', path], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  return path
}
