import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { SealignError } from '../../domain/errors.ts'
import { processesWith } from '../../lib/process-environment.ts'
import type { TrainerCommand } from '../../training/torch/trainer-command.ts'

/** Says of a process that it trains in this folder. */
const MARK = 'SEALIGN_TRAINER_FOLDER'
const LOOK_MS = 100

/** How a trainer's process went. */
export interface TrainerExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What is done with what a trainer's process writes. */
export interface TrainerListener {
  stdout(text: string): void
  stderr(text: string): void
}

/**
 * A trainer's process in a group of its own, with whatever it starts. Its stdin stays open while this process lives: that is the
 * leash it is on.
 */
export class TrainerProcess {
  readonly #child: ChildProcess
  readonly #folder: string
  /** @throws SealignError `trainer` when it cannot be started. */
  readonly ended: Promise<TrainerExit>

  constructor({ program, args, env }: TrainerCommand, folder: string, listener: TrainerListener) {
    this.#folder = folder
    this.#child = spawn(program, args, {
      cwd: folder,
      env: { ...env, [MARK]: folder },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const { stdin, stdout, stderr } = this.#child
    // Nothing is ever written to it; it may be closed from the other end.
    stdin?.on('error', () => undefined)
    stdout?.setEncoding('utf8').on('data', (text: string) => listener.stdout(text))
    stderr?.setEncoding('utf8').on('data', (text: string) => listener.stderr(text))
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', (error) => reject(cannotStart(program, error)))
      // Not `close`: a process it left behind may hold the streams.
      this.#child.once('exit', (code, signal) => {
        stdin?.destroy()
        const drained = Promise.all([drain(stdout), drain(stderr)])
        void Promise.race([drained, sleep(1000)]).then(() => resolve({ code, signal }))
      })
    })
  }

  /** Its whole group. `SIGKILL` also reaches processes that left the group. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.#child
    if (pid !== undefined) send(-pid, name)
    if (name === 'SIGKILL') killTrainers(this.#folder)
  }
}

/** Processes that train in a folder now, whoever started them; where the system does not tell, none. */
export function trainersIn(folder: string): number[] {
  return processesWith(MARK, folder)
}

/**
 * Waits until nobody trains in a folder any more; those that are there after `patienceMs` are killed.
 * @returns false when the signal came first.
 */
export async function untilNobodyTrains(folder: string, patienceMs: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + patienceMs
  while (trainersIn(folder).length > 0) {
    if (signal?.aborted === true) return false
    if (Date.now() > deadline) killTrainers(folder)
    await sleep(LOOK_MS)
  }
  return true
}

function killTrainers(folder: string): void {
  for (const pid of trainersIn(folder)) send(pid, 'SIGKILL')
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone.
  }
}

async function drain(stream: NodeJS.ReadableStream | null): Promise<void> {
  if (stream === null || !stream.readable) return
  await new Promise<void>((resolve) => stream.once('close', resolve))
}

function cannotStart(program: string, error: Error): SealignError {
  const code = (error as NodeJS.ErrnoException).code ?? error.message
  return new SealignError('trainer', `the trainer’s Python ${program} cannot be started (${code})`, {
    hint: '`sealign doctor` says which Python there is; `sealign train start` begins another run with it.',
    cause: error,
  })
}
