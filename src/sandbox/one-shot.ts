import { randomBytes } from 'node:crypto'
import { bashWord } from './bash-word.ts'
import { HeadTail } from './head-tail.ts'
import type { ExecOptions, ExecResult } from './sandbox.ts'
import type { Supervisor } from './supervisor.ts'

/** A word of a command line can hold 128 KB (Linux MAX_ARG_STRLEN); longer scripts travel as a file. */
const MAX_WORD = 100_000
/** How long the end of killed processes may take to arrive. */
const AFTER_KILL_MS = 5000

/** What a one-shot command left behind besides its result. */
export interface OneShot {
  readonly result: ExecResult
  /** Programs it started go on running and may still print into its stream. */
  readonly left: boolean
  /** Processes of the Sandbox killed for memory so far, as seen inside; `undefined`: not looked. */
  readonly oomKills: number | undefined
}

/** How a command ended, as its mark tells. */
interface Ended {
  readonly exitCode: number | undefined
  readonly left: boolean
  readonly oomKills: number | undefined
}

/**
 * Runs a script as `bash -c` in a process group of its own under an idle Supervisor. At the time-out, or when the signal aborts,
 * the group is killed and so is everything that was started from it, `setsid` or not (found by a variable it inherits).
 *
 * @throws the signal's reason when it aborts; `undefined` result when the stream ended first.
 */
export async function runOneShot(
  supervisor: Supervisor,
  script: string,
  options: ExecOptions & { readonly cwd: string },
): Promise<OneShot | undefined> {
  options.signal?.throwIfAborted()
  // Never the same twice on a machine: without namespaces the processes of every Sandbox see each other.
  const id = randomBytes(8).toString('hex')
  const kept = new HeadTail(options.maxBytes)
  const ended = Promise.withResolvers<Ended | undefined>()
  supervisor.use({
    data(chunk) {
      kept.add(chunk)
      options.onOutput?.(chunk)
    },
    mark([kind, of, code, left, oom]) {
      if (kind !== 'x' || of !== id) return false
      ended.resolve({
        exitCode: Number(code),
        left: left === '1',
        oomKills: oom === '' || oom === undefined ? undefined : Number(oom),
      })
      return true
    },
    end: () => ended.resolve(undefined),
  })
  const begun = performance.now()
  start(supervisor, script, id, options)
  let stopped: 'timeout' | 'abort' | undefined
  let last: NodeJS.Timeout | undefined
  const stop = (why: 'timeout' | 'abort'): void => {
    stopped ??= why
    supervisor.call('_kill', id)
    last ??= setTimeout(() => {
      supervisor.close()
      ended.resolve({ exitCode: undefined, left: true, oomKills: undefined })
    }, AFTER_KILL_MS)
  }
  const timer = setTimeout(() => stop('timeout'), Math.min(options.timeoutMs, 2 ** 31 - 1))
  const abort = (): void => stop('abort')
  options.signal?.addEventListener('abort', abort)
  try {
    const end = await ended.promise
    if (stopped === 'abort') throw options.signal?.reason as Error
    if (end === undefined) return undefined
    const timedOut = stopped === 'timeout'
    const exitCode = timedOut ? undefined : end.exitCode
    const durationMs = performance.now() - begun
    const result = { output: kept.text(), bytes: kept.bytes, exitCode, timedOut, outOfMemory: false, durationMs }
    return { result, left: end.left, oomKills: end.oomKills }
  } finally {
    clearTimeout(timer)
    clearTimeout(last)
    options.signal?.removeEventListener('abort', abort)
  }
}

function start(
  supervisor: Supervisor,
  script: string,
  id: string,
  options: ExecOptions & { readonly cwd: string },
): void {
  const exports = Object.entries(options.variables ?? {})
    .filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .map(([name, value]) => `export ${name}=${bashWord(value)};`)
    .join(' ')
  const long = Buffer.byteLength(script) > MAX_WORD
  const stdin = options.stdin === undefined ? '' : stage(supervisor, options.stdin)
  const file = long ? stage(supervisor, script) : ''
  supervisor.call('_run', id, options.cwd, exports, long ? '' : script, stdin, file)
}

/** Puts text into a file inside, which is removed as soon as it is open. */
function stage(supervisor: Supervisor, text: string): string {
  const path = `/tmp/.sealign-${randomBytes(8).toString('hex')}`
  const bytes = Buffer.from(text)
  supervisor.call('_stage', path, bytes.length)
  supervisor.send(bytes)
  return path
}
