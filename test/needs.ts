import { spawnSync } from 'node:child_process'
import { beforeEach } from 'vitest'

/** What a machine may lack, and how it is tried. */
const TRIALS = {
  bubblewrap: ['bwrap', '--ro-bind', '/', '/', '--unshare-all', 'true'],
  python3: ['python3', '--version'],
  git: ['git', '--version'],
  mount: ['mount', '--version'],
} as const
type Need = keyof typeof TRIALS

const known = new Map<Need, boolean>()

/** Whether this machine has it. */
export function has(need: Need): boolean {
  let there = known.get(need)
  if (there === undefined) {
    const [program, ...words] = TRIALS[need]
    there = spawnSync(program, words, { stdio: 'ignore', timeout: 10_000 }).status === 0
    if (!there) process.stdout.write(`${need} does not work here: tests that need it are skipped\n`)
    known.set(need, there)
  }
  return there
}

/** Skips every test of the calling file where one of these is not there: without isolation a test's commands would run on the machine itself. */
export function needs(...list: readonly Need[]): void {
  const missing = list.filter((need) => !has(need))
  if (missing.length > 0) beforeEach((context) => context.skip(`${missing.join(' and ')} is not there`))
}
