import { posix } from 'node:path'
import type { FileRead } from '../../sandbox/sandbox.ts'
import type { ToolContext } from '../tool.ts'

/** Larger files are not source code. */
const MAX_FILE = 2 * 1024 ** 2

/** A file of the repository as text. */
export interface SourceFile {
  /** Absolute, inside the Sandbox. */
  readonly path: string
  /** From the working folder. */
  readonly name: string
  readonly text: string
}

/** A path that a Policy wrote as an absolute one below the working folder; `undefined`: it leads outside. */
export function insideRepository(path: string, workdir: string): string | undefined {
  const absolute = posix.resolve(workdir, path.trim())
  return absolute === workdir || absolute.startsWith(`${workdir}/`) ? absolute : undefined
}

/** Reads a source file; a text where it cannot, one sentence for the Policy. */
export async function readSource(path: string, { sandbox }: ToolContext): Promise<SourceFile | string> {
  const absolute = insideRepository(path, sandbox.workdir)
  if (absolute === undefined || path.includes('\0')) return `The path ${path} is not inside ${sandbox.workdir}.`
  const file = await sandbox.readFile(absolute, MAX_FILE)
  const refusal = unreadable(file)
  if (refusal !== undefined || file === undefined) return `The file ${absolute} ${refusal ?? 'does not exist'}.`
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.bytes)
    return { path: absolute, name: posix.relative(sandbox.workdir, absolute), text }
  } catch {
    return `The file ${absolute} is not UTF-8 text.`
  }
}

function unreadable(file: FileRead | undefined): string | undefined {
  if (file === undefined) return 'does not exist'
  if (file.directory) return 'is a directory'
  if (file.size > MAX_FILE) return 'is larger than 2 MB'
  return file.bytes.includes(0) ? 'is binary' : undefined
}
