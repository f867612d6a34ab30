import { isUtf8 } from 'node:buffer'
import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileMap } from '../domain/task.ts'
import { bytesText } from '../importers/limits.ts'
import { naturally } from '../importers/walk.ts'
import { RowError } from './row.ts'

const MOST_FILES = 10_000
const DEEPEST = 40

/** What one Task's files may cost: shared by all its folders, counted down while they are read. */
export interface Allowance {
  readonly most: number
  left: number
}

/**
 * All files below a folder by path relative to it; empty when there is no such folder. Never follows a link.
 * @throws RowError for a link, a device, a `.git` folder, a file that is no UTF-8 text, or more than `allowance`.
 */
export async function textTree(folder: string, label: string, allowance: Allowance): Promise<FileMap> {
  const files = new Map<string, string>()
  const visit = async (path: string, below: string): Promise<void> => {
    const info = await lstat(path)
    const shown = `${label}${below}`
    if (info.isDirectory()) {
      if (below.split('/').length > DEEPEST) throw new RowError(`${shown} is nested deeper than ${DEEPEST} folders`)
      for (const name of naturally(await readdir(path))) {
        if (name === '.git')
          throw new RowError(`${shown}/.git is a repository; expected plain files (sealign makes the repository)`)
        await visit(join(path, name), `${below}/${name}`)
      }
      return
    }
    if (!info.isFile()) throw new RowError(`${shown} is a link or a device; expected plain files and folders`)
    if (files.size >= MOST_FILES) throw new RowError(`${label} has more than ${MOST_FILES} files`)
    files.set(below.slice(1), await plainText(path, shown, allowance))
  }
  if (await isFolder(folder)) await visit(folder, '')
  return Object.fromEntries(files)
}

/** Text of one file; `undefined` when it does not exist. @throws RowError as `textTree` does. */
export async function textFile(path: string, label: string, allowance: Allowance): Promise<string | undefined> {
  const info = await lstat(path).catch(() => undefined)
  if (info === undefined) return undefined
  if (!info.isFile()) throw new RowError(`${label} is no plain file`)
  return await plainText(path, label, allowance)
}

async function plainText(path: string, label: string, allowance: Allowance): Promise<string> {
  // The file may have become a link since it was looked at.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { size } = await handle.stat()
    if (size > allowance.left) {
      throw new RowError(`${label}: the files of one task may have ${bytesText(allowance.most)} together; this is more`)
    }
    allowance.left -= size
    const bytes = Buffer.alloc(size)
    const { bytesRead } = await handle.read(bytes, 0, size, 0)
    const text = bytes.subarray(0, bytesRead)
    if (!isUtf8(text) || text.includes(0)) {
      throw new RowError(`${label} is not UTF-8 text; only text files are supported`)
    }
    return text.toString('utf8')
  } finally {
    await handle.close()
  }
}

async function isFolder(path: string): Promise<boolean> {
  const info = await lstat(path).catch(() => undefined)
  if (info?.isSymbolicLink() === true)
    throw new RowError(`${path.slice(path.lastIndexOf('/') + 1)} is a link; links are not followed`)
  return info?.isDirectory() ?? false
}
