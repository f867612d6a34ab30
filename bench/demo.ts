import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { demoSettings } from '../commands/demo-settings.ts'
import { Session } from '../sessions/session.ts'
import { treeMegabytes } from './process-tree.ts'
import { Screen } from './pty-screen.ts'

/** What the demonstration costs; targets: first frame ≤ 0.5 s, the whole loop ≤ 120 s on two cores, ≤ 600 MB. */
export interface DemoFigures {
  readonly firstFrameMs: number
  /** From the start to the report, the waits for a person included. */
  readonly seconds: number
  /** Of these, waiting for a person to look at trees and to review. */
  readonly waitedSeconds: number
  /** Most of all its processes together: screen, jobs, sandboxes. */
  readonly peakMb: number
  readonly screenMb: number
}

const LOOK_MS = 500
const LONGEST_MS = 600_000

/** Runs `sealign demo` in a pseudo-terminal, as `npm start` does in a built checkout. */
export async function run(): Promise<DemoFigures> {
  execFileSync(process.execPath, ['.ci/build.mjs'], { stdio: 'inherit' })
  const folder = mkdtempSync(join(tmpdir(), 'sealign-bench-demo-'))
  const started = performance.now()
  const screen = new Screen('dist/sealign.js', ['demo', '--session', join(folder, 'demo.db')])
  try {
    await screen.until((since) => since.includes('sealign') && since.includes('quit'))
    const firstFrameMs = Math.round(performance.now() - started)
    let peakMb = 0
    while (!isDone(join(folder, 'demo.db'))) {
      if (performance.now() - started > LONGEST_MS) throw new Error('the demonstration took longer than ten minutes')
      peakMb = Math.max(peakMb, treeMegabytes(folder))
      await sleep(LOOK_MS)
    }
    const seconds = Math.round((performance.now() - started) / 1000)
    const { treeSeconds, reviewSeconds } = demoSettings({ seed: 1, fast: false, tasks: undefined, watched: true })
    return { firstFrameMs, seconds, waitedSeconds: treeSeconds + reviewSeconds, peakMb, screenMb: screen.usage().rssMb }
  } finally {
    await screen.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function isDone(path: string): boolean {
  if (!existsSync(path)) return false
  using session = Session.open(path)
  const job = session.jobs.get(session.demo.newest() ?? 0)
  if (job?.state === 'failed') throw new Error(`the demonstration failed: ${job.note}`)
  return job?.state === 'done'
}
