import { execFile, spawn } from 'node:child_process'
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SandboxError } from './sandbox-error.ts'
import type { SandboxStream, StreamEvents } from './stream.ts'

const run = promisify(execFile)

/** Kept of what bubblewrap says when it fails. */
const MAX_COMPLAINT = 4096
/** Output still in the pipe when bash has ended; what other processes hold open is not waited for. */
const DRAIN_MS = 100

/** A process with bash in it, and how to end it. */
export interface LocalCommand {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Whether its whole process group must be killed, because no namespace ends with it. */
  readonly group: boolean
}

/**
 * Makes named pipes for the output of processes. Node itself gives children sockets, through which `/dev/stdout` and
 * `/proc/self/fd/1` cannot be opened.
 */
export class PipeShelf {
  readonly #folder: string
  #made = 0
  readonly #free: string[] = []
  #filling: Promise<unknown> | undefined

  constructor(folder: string) {
    this.#folder = folder
    this.#fill().catch(() => undefined)
  }

  async take(): Promise<string> {
    while (true) {
      const path = this.#free.pop()
      if (path !== undefined) return path
      await this.#fill()
    }
  }

  #fill(): Promise<unknown> {
    this.#filling ??= this.#make().finally(() => {
      this.#filling = undefined
    })
    return this.#filling
  }

  async #make(): Promise<void> {
    const paths = Array.from({ length: 4 }, () => join(this.#folder, `out-${this.#made++}`))
    await run('mkfifo', ['-m', '600', ...paths])
    this.#free.push(...paths)
  }
}

/** A stream whose process is our child. */
export interface LocalStream extends SandboxStream {
  /** 0 when it did not start. */
  readonly pid: number
  readonly exited: Promise<void>
}

/** Starts a process whose stdin we write and whose stdout comes through a pipe. */
export async function openLocalStream(
  command: LocalCommand,
  shelf: PipeShelf,
  events: StreamEvents,
): Promise<LocalStream> {
  const fifo = await shelf.take()
  const readEnd = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  const writeEnd = openSync(fifo, constants.O_WRONLY)
  rmSync(fifo)
  const [file = '', ...words] = command.argv
  const child = spawn(file, words, {
    stdio: ['pipe', writeEnd, 'pipe'],
    env: command.env,
    cwd: command.cwd,
    detached: command.group,
  })
  closeSync(writeEnd)
  const { stdin, stderr } = child
  if (stdin === null || stderr === null) throw new SandboxError('gone', `${file} was started without pipes`)
  const output = new Socket({ fd: readEnd, readable: true, writable: false })
  let complaint = ''
  stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < MAX_COMPLAINT) complaint += chunk.toString('utf8')
  })
  stdin.on('error', () => undefined)
  stderr.on('error', () => undefined)
  let ended = false
  const end = (): void => {
    if (ended) return
    ended = true
    output.destroy()
    events.end()
  }
  output.on('data', (chunk: Buffer) => events.data(chunk))
  output.on('error', end)
  output.on('close', end)
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      complaint ||= error.message
      end()
      resolve()
    })
    child.once('exit', () => {
      setTimeout(end, DRAIN_MS).unref()
      resolve()
    })
  })
  return {
    pid: child.pid ?? 0,
    exited,
    write: (data) => {
      if (!stdin.destroyed) stdin.write(data)
    },
    close() {
      stdin.destroy()
      kill(child.pid, command.group)
    },
    complaint: () => complaint.trim(),
  }
}

function kill(pid: number | undefined, group: boolean): void {
  if (pid === undefined) return
  try {
    // With a group of its own the supervising bash kills its session itself when stdin ends; this is for what survives that.
    if (group) setTimeout(() => killGroup(pid), 200).unref()
    else process.kill(pid, 'SIGKILL')
  } catch {}
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {}
}
