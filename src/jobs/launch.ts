import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Where a job's process writes what it has to say: beside the sessions, one file per job. */
export function jobLogPath(sessionPath: string, job: number): string {
  const folder = join(dirname(sessionPath), 'jobs')
  return join(folder, `${basename(sessionPath, '.db')}-j${job}.log`)
}

/**
 * Starts the process of a job: in a session of its own, so that it outlives the terminal, the shell and the screen.
 * @param program - the running program's own file.
 * @returns its process number.
 */
export function launchJob(
  sessionPath: string,
  job: number,
  program: string,
  env: NodeJS.ProcessEnv,
): number | undefined {
  const path = jobLogPath(sessionPath, job)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const log = openSync(path, 'a', 0o600)
  try {
    const words = ['job', 'run', String(job), '--session', sessionPath]
    const child = spawn(process.execPath, [...process.execArgv, program, ...words], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: dirname(sessionPath),
      env,
    })
    child.unref()
    return child.pid
  } finally {
    closeSync(log)
  }
}
