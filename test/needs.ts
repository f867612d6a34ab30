import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { beforeEach } from 'vitest'

/** Python with what the torch trainer needs: `SEALIGN_PYTHON`, or the one that `npm run setup:trainer` makes. */
export const TRAINER_PYTHON = process.env['SEALIGN_PYTHON'] || resolve('trainer/.venv/bin/python')

/** What a machine may lack, and how it is tried. */
const TRIALS = {
  bubblewrap: ['bwrap', '--ro-bind', '/', '/', '--unshare-all', 'true'],
  python3: ['python3', '--version'],
  git: ['git', '--version'],
  mount: ['mount', '--version'],
  pythonTrainer: [TRAINER_PYTHON, '-c', 'import torch, transformers, peft'],
} as const
type Need = keyof typeof TRIALS

/** How it is made, where that is not plain. */
const MAKING: Partial<Record<Need, string>> = {
  pythonTrainer: '; npm run setup:trainer makes one, or SEALIGN_PYTHON names it',
}
/** A cold machine reads a gigabyte of libraries from its disk first. */
const TRIAL_MS = 180_000

const known = new Map<Need, boolean>()

/** Whether this machine has it. */
export function has(need: Need): boolean {
  let there = known.get(need)
  if (there === undefined) {
    const [program, ...words] = TRIALS[need]
    there = spawnSync(program, words, { stdio: 'ignore', timeout: TRIAL_MS }).status === 0
    if (!there)
      process.stdout.write(`${need} does not work here: tests that need it are skipped${MAKING[need] ?? ''}\n`)
    known.set(need, there)
  }
  return there
}

/** Skips every test of the calling file where one of these is not there: without isolation a test's commands would run on the machine itself. */
export function needs(...list: readonly Need[]): void {
  const missing = list.filter((need) => !has(need))
  if (missing.length > 0) beforeEach((context) => context.skip(`${missing.join(' and ')} is not there`))
}
