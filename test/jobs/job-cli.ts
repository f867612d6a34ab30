import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { Cli, type Ran } from '../commands/cli.ts'

/** A rollout as `rollout list --json` has it. */
export interface Listed {
  readonly id: number
  readonly task: string
  readonly state: string
  readonly end: string
  readonly outcome: string
  readonly steps: number
  readonly infrastructure?: string
  readonly attempt: number
}

/** A job as `job list --json` has it. */
export interface ListedJob {
  readonly job: string
  readonly state: string
  readonly note?: string
  readonly done: number
  readonly total: number
}

/** The program with folders of the test's own. Jobs are processes of their own: none outlives its test. */
export function jobCli(): Cli {
  const cli = new Cli()
  onTestFinished(() => {
    for (const pid of jobProcesses(cli)) process.kill(pid, 'SIGKILL')
  })
  return cli
}

/** Numbers of the jobs' processes that run now. */
export function jobProcesses(cli: Cli): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isJob(`/proc/${name}/cmdline`, cli.folder))
    .map(Number)
}

function isJob(path: string, folder: string): boolean {
  try {
    const words = readFileSync(path, 'utf8').split('\0')
    return words.includes('job') && words.includes('run') && words.some((word) => word.includes(folder))
  } catch {
    return false
  }
}

/** Looks until there is something to see. */
export async function until<T>(look: () => T | undefined, what: string, ms = 30_000): Promise<T> {
  const deadline = Date.now() + ms
  for (;;) {
    const found = look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`)
    await sleep(100)
  }
}

export function rollouts(cli: Cli): Listed[] {
  return cli.json<Listed[]>('rollout', 'list')
}

/** The newest job. */
export function job(cli: Cli): ListedJob | undefined {
  return cli.json<ListedJob[]>('job', 'list')[0]
}

/** Starts rollouts of the tasks in the folder `set` with a model server of the test's own. */
export function startAt(cli: Cli, url: string, ...words: string[]): Promise<Ran> {
  return cli.start(['rollout', 'start', '--tasks', join(cli.folder, 'set'), '--base-url', url, ...words])
}
