import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Session } from '../sessions/session.ts'
import { shell, writeScript, writeSumTask } from '../test/jobs/sum-task.ts'
import { measureGrading } from './grading.ts'
import { type Percentiles, percentiles, round } from './percentiles.ts'
import { FRAME_END, Screen } from './pty-screen.ts'
import { measureLoop } from './rollout-loop.ts'
import { measureSandbox } from './sandbox.ts'

/** What collecting trajectories costs beyond the model and its commands. */
export interface RolloutFigures {
  /** One Step of a whole job – loop, store, screen feed – minus reply and command. */
  readonly stepOverheadMs: Percentiles
  /** The loop alone, in one process, without a store. */
  readonly loopOverheadMs: Percentiles
  /** A command in a live container over the persistent shell, and as a one-shot exec; `null`: no engine answers. */
  readonly shellMs: number | null
  readonly oneShotExecMs: number | null
  readonly localShellMs: number
  /** Commit of a container and start of another from it. */
  readonly branchMs: number | null
  /** Growth of the job's process per live rollout; of its sandbox's processes (proportional set size). */
  readonly rssPerRolloutMb: number
  readonly sandboxMb: number
  readonly gradingPerSecond: number
  /** The workbench on a session with 64 rollouts at work. */
  readonly screen: { readonly keyToFrameMs: Percentiles; readonly cpuPercent: number; readonly kBps: number }
}

const LIVE = 64
const PROGRAM = 'dist/sealign.js'

export async function run(): Promise<RolloutFigures> {
  const sandbox = await measureSandbox()
  const loop = await measureLoop()
  const { gradingPerSecond } = await measureGrading()
  const live = await measureLive()
  return { ...live, loopOverheadMs: loop.stepOverheadMs, ...sandbox, gradingPerSecond }
}

type LiveFigures = Pick<RolloutFigures, 'stepOverheadMs' | 'rssPerRolloutMb' | 'sandboxMb' | 'screen'>

/** Runs one rollout, then 64 at once, as jobs of the real program with the local sandbox, and looks at them. */
async function measureLive(): Promise<LiveFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'sealign-bench-'))
  const env = { ...process.env, XDG_DATA_HOME: join(folder, 'data'), XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder }
  try {
    const alone = await Live.start(folder, env, 'alone', 1)
    const one = alone.jobMb()
    await alone.stop()
    const many = await Live.start(folder, env, 'many', LIVE)
    const rssPerRolloutMb = round((many.jobMb() - one) / (LIVE - 1))
    const sandboxMb = round(many.sandboxMb() / LIVE)
    const screen = await measureScreen(many.path, env as Record<string, string>)
    const stepOverheadMs = many.overheads()
    await many.stop()
    return { stepOverheadMs, rssPerRolloutMb, sandboxMb, screen }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A job with so many rollouts at work, each a reply every second. */
class Live {
  readonly path: string
  readonly #pid: number
  readonly #env: NodeJS.ProcessEnv

  private constructor(path: string, pid: number, env: NodeJS.ProcessEnv) {
    this.path = path
    this.#pid = pid
    this.#env = env
  }

  static async start(folder: string, env: NodeJS.ProcessEnv, name: string, rollouts: number): Promise<Live> {
    const home = join(folder, name)
    mkdirSync(home, { recursive: true })
    const task = writeSumTask(join(home, 'set'), 'sum')
    const replies = Array.from({ length: 400 }, (_, at) => shell(`echo step ${at}; seq 1 40`))
    const script = writeScript(home, [{ replies, delayMs: 1000 }])
    const path = join(home, 'session.db')
    sealign(env, [
      ...[
        'rollout',
        'start',
        '--session',
        path,
        '--tasks',
        task,
        '--runs',
        String(rollouts),
        '--concurrency',
        String(LIVE),
      ],
      ...['--policy', 'scripted', '--script', script, '--turns', '400', '--context', '1000000'],
    ])
    using session = Session.open(path)
    for (let waited = 0; waited < 120; waited++) {
      await pause(500)
      const rows = session.rollouts.ofJob(1)
      if (rows.every(({ steps }) => steps >= 5)) return new Live(path, session.jobs.get(1)?.owner?.pid ?? 0, env)
    }
    throw new Error(`the ${rollouts} rollouts did not get going: ${JSON.stringify(session.rollouts.ofJob(1).at(0))}`)
  }

  jobMb(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8'))?.[1]) / 1024
  }

  /** Memory of everything below the job's process, shared pages divided by their users. */
  sandboxMb(): number {
    const parents = new Map<number, number>()
    for (const line of execFileSync('ps', ['-eo', 'pid,ppid'], { encoding: 'utf8' }).trim().split('\n').slice(1)) {
      const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number)
      parents.set(pid, parent)
    }
    const below = [...parents.keys()].filter((pid) => this.#isBelow(pid, parents))
    return below.reduce((sum, pid) => sum + proportionalKb(pid), 0) / 1024
  }

  #isBelow(pid: number, parents: ReadonlyMap<number, number>): boolean {
    for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at)) if (at === this.#pid) return true
    return false
  }

  /** Milliseconds of every Step so far that were neither reply nor command. */
  overheads(): Percentiles {
    using session = Session.open(this.path)
    const events = session.events.ofJob(1).filter(({ kind }) => kind === 'step')
    return percentiles(events.map(({ body }) => Number(body['overheadMs'])))
  }

  async stop(): Promise<void> {
    sealign(this.#env, ['job', 'stop', '--session', this.path])
    using session = Session.open(this.path)
    for (let waited = 0; waited < 200 && session.jobs.get(1)?.state !== 'stopped'; waited++) await pause(100)
  }
}

function proportionalKb(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

const KEYS = 200
const LOAD_MS = 6000

async function measureScreen(path: string, env: Record<string, string>): Promise<RolloutFigures['screen']> {
  const screen = new Screen(PROGRAM, ['--session', path], env)
  await screen.until((since) => since.includes('Rollouts') && since.includes(FRAME_END))
  await screen.press('1', (since) => since.includes(FRAME_END))
  const times: number[] = []
  for (let key = 0; key < KEYS; key++) {
    times.push(await screen.press(key % 40 < 20 ? 'j' : 'k', (since) => since.includes(FRAME_END)))
    await pause(20)
  }
  const [before, bytes] = [screen.usage(), screen.bytes]
  await pause(LOAD_MS)
  const after = screen.usage()
  const kBps = round((screen.bytes - bytes) / LOAD_MS)
  await screen.close()
  const cpuPercent = round(((after.cpuSeconds - before.cpuSeconds) * 100_000) / LOAD_MS)
  return { keyToFrameMs: percentiles(times), cpuPercent, kBps }
}

function sealign(env: NodeJS.ProcessEnv, words: readonly string[]): void {
  execFileSync(process.execPath, [PROGRAM, ...words], { env, stdio: ['ignore', 'ignore', 'inherit'] })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
