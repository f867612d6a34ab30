import { randomBytes } from 'node:crypto'
import type { FileRead } from './sandbox.ts'
import { SandboxError, SandboxFileError } from './sandbox-error.ts'
import type { Supervisor } from './supervisor.ts'

/** A file that takes longer hangs (a device, a broken mount). */
const FILE_MS = 60_000

/**
 * Reads a file from inside the Sandbox, so that links lead where they lead there.
 *
 * @returns `undefined`: no such file. What is neither a file nor a directory reads as empty.
 * @throws SandboxFileError when it may not be read; SandboxError `gone`.
 */
export async function readInside(
  supervisor: Supervisor,
  path: string,
  maxBytes: number,
): Promise<FileRead | undefined> {
  const parts: Buffer[] = []
  let reading = false
  const [kind, size] = await asked(supervisor, path, {
    data: (chunk) => {
      if (reading) parts.push(chunk)
    },
    begin: () => {
      reading = true
    },
    ask: (id) => supervisor.call('_read', path, Math.max(0, Math.floor(maxBytes)), id),
  })
  if (kind === 'n') return undefined
  if (kind === 'p') throw new SandboxFileError(path, 'Permission denied')
  const bytes = Buffer.concat(parts)
  return { bytes, size: Math.max(Number(size), bytes.length), directory: kind === 'd' }
}

/**
 * Writes a file from inside the Sandbox, folders above it included; an existing file keeps its mode.
 *
 * @throws SandboxFileError when it cannot be written; SandboxError `disk` when there is no space, `gone`.
 */
export async function writeInside(supervisor: Supervisor, path: string, text: string): Promise<void> {
  const bytes = Buffer.from(text)
  const said = await asked(supervisor, path, {
    ask(id) {
      supervisor.call('_write', path, bytes.length, id)
      supervisor.send(bytes)
    },
  })
  const reason = said.join(':').trim().split('\n')[0] ?? ''
  if (reason === '') return
  const short = reason.slice(reason.lastIndexOf(': ') + 1).trim()
  if (/no space left|disk quota/i.test(reason))
    throw new SandboxError('disk', `${path}: no space left in the sandbox`, {
      hint: 'Free disk space, or raise the limit.',
    })
  throw new SandboxFileError(path, short)
}

/** Calls a function of the Supervisor's script and waits for its answer. */
async function asked(
  supervisor: Supervisor,
  path: string,
  { data, begin, ask }: { data?: (chunk: Buffer) => void; begin?: () => void; ask: (id: string) => void },
): Promise<readonly string[]> {
  if (path.includes('\0')) throw new SandboxFileError(path.replaceAll('\0', '�'), 'a path cannot hold a NUL byte')
  const id = randomBytes(4).toString('hex')
  const answer = Promise.withResolvers<readonly string[]>()
  supervisor.use({
    data: data ?? (() => undefined),
    mark([kind, of, ...rest]) {
      if (of !== id) return false
      if (kind === 'b') begin?.()
      else answer.resolve(rest)
      return true
    },
    end: () => answer.reject(new SandboxError('gone', `the sandbox ended while ${path} was read or written`)),
  })
  const timer = setTimeout(() => {
    supervisor.close()
    answer.reject(new SandboxError('gone', `${path} could not be read or written in ${FILE_MS / 1000} s`))
  }, FILE_MS)
  try {
    ask(id)
    return await answer.promise
  } finally {
    clearTimeout(timer)
  }
}
