import { isUtf8 } from 'node:buffer'
import { posix } from 'node:path'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { EditorRefusal, invalid } from './editor-text.ts'
import { fromLf, type LineEnd, lineEndOf, toLf } from './line-ends.ts'

const MEGABYTE = 1024 * 1024
/** Largest file that is viewed or edited (openhands-aci: 10 MB). */
const MAX_BYTES = 10 * MEGABYTE
/** Longest path that Linux takes. */
const MAX_PATH = 4096
/** Bytes looked at for a NUL, which no text has (as git decides). */
const BINARY_PROBE = 8000

/** A text file as it is edited: with `\n` only. */
export interface TextFile {
  readonly path: string
  readonly text: string
  readonly end: LineEnd
}

/** What stands at a path. */
export type Found =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; file: TextFile }

/**
 * Checks a path the Policy gave and reads what is there.
 *
 * @throws EditorRefusal for a path that is not absolute, and for a file that is too large, binary or not UTF-8.
 */
export async function findPath(sandbox: Sandbox, given: string): Promise<Found & { readonly path: string }> {
  const path = await absolute(sandbox, given)
  const read = await sandbox.readFile(path, MAX_BYTES)
  if (read === undefined) return { path, kind: 'nothing' }
  if (read.directory) return { path, kind: 'directory' }
  if (read.size > MAX_BYTES) {
    const size = (read.size / MEGABYTE).toFixed(1)
    throw new EditorRefusal(`The file ${path} is too large: ${size} MB, and the limit is ${MAX_BYTES / MEGABYTE} MB.`)
  }
  return { path, kind: 'file', file: { path, ...decoded(path, read.bytes) } }
}

/** Writes a file's new text with the line ends it had. */
export async function writeText(sandbox: Sandbox, { path, end }: TextFile, text: string): Promise<void> {
  const whole = fromLf(text, end)
  if (Buffer.byteLength(whole) > MAX_BYTES) {
    throw new EditorRefusal(`The file ${path} would get larger than ${MAX_BYTES / MEGABYTE} MB. Nothing was changed.`)
  }
  await sandbox.writeFile(path, whole)
}

async function absolute(sandbox: Sandbox, given: string): Promise<string> {
  const path = given.trim()
  if (path.includes('\0') || path.length > MAX_PATH) throw invalid('path', path, 'No file can have this path.')
  if (path.startsWith('/')) return withoutEndSlash(posix.normalize(path))
  const guess = posix.join(sandbox.workdir, path)
  const exists = path !== '' && (await sandbox.readFile(guess, 1)) !== undefined
  throw invalid(
    'path',
    path,
    `The path must be absolute and start with \`/\`.${exists ? ` Did you mean ${guess}?` : ''}`,
  )
}

function withoutEndSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

function decoded(path: string, bytes: Buffer): { text: string; end: LineEnd } {
  if (bytes.subarray(0, BINARY_PROBE).includes(0)) {
    throw new EditorRefusal(`The file ${path} is binary; this tool reads and edits text only.`)
  }
  if (!isUtf8(bytes)) {
    throw new EditorRefusal(
      `The file ${path} is text in another encoding than UTF-8 (Latin-1 perhaps), and editing it here would damage it. Use a command such as \`sed\` or \`iconv\`.`,
    )
  }
  const text = bytes.toString('utf8')
  const end = lineEndOf(text)
  return { text: toLf(text, end), end }
}
