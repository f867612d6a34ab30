import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { chmod, lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { FileMap } from '../domain/task.ts'
import { removeCgroup } from './cgroup.ts'
import { filesBelowWorkdir } from './file-map.ts'
import { isOrphan, ownerLabel } from './owner.ts'
import { SandboxError } from './sandbox-error.ts'

const run = promisify(execFile)

/** Parts that a snapshot holds: the task's files, /tmp and the home folder. */
const PARTS = ['files', 'tmp', 'home'] as const
/** File that names the control groups of a Sandbox, one a line: whoever sweeps may live in other ones. */
export const CGROUPS = 'cgroups'
/** Names folders that serve all Sandboxes of a process and are none themselves. */
export const SHARED_PREFIX = 'etc-'
/** A folder without an owner is being made at the moment, or its maker died doing so. */
const UNOWNED_MS = 3_600_000

/** Folders of one local Sandbox or snapshot. */
export interface LocalFolder {
  readonly id: string
  readonly path: string
  readonly files: string
  readonly tmp: string
  readonly home: string
}

/** Where local Sandboxes lie unless told otherwise. */
export function defaultRoot(): string {
  return join(tmpdir(), `sealign-${process.getuid?.() ?? 'user'}`)
}

/**
 * Makes an empty Sandbox folder that is ours alone.
 *
 * @throws SandboxError `refused` when the root belongs to someone else, `disk`.
 */
export async function makeFolder(root: string, prefix = ''): Promise<LocalFolder> {
  return onDisk(async () => {
    await mkdir(root, { recursive: true, mode: 0o700 })
    const { uid } = await lstat(root)
    if (process.getuid !== undefined && uid !== process.getuid())
      throw new SandboxError('refused', `${root} belongs to user ${uid}, not to us`, {
        hint: 'Name another folder for sandboxes, or set TMPDIR.',
      })
    const id = `${prefix}${randomBytes(6).toString('hex')}`
    const folder = layout(root, id)
    await mkdir(folder.path, { mode: 0o700 })
    await writeFile(join(folder.path, 'owner'), ownerLabel())
    await Promise.all(PARTS.map((part) => mkdir(join(folder.path, part))))
    await chmod(folder.tmp, 0o1777)
    return folder
  })
}

/** Writes the files of a task before anything runs in the folder, so no link can lead out of it. */
export async function fillFolder(folder: LocalFolder, files: FileMap): Promise<void> {
  await onDisk(async () => {
    const made = new Set<string>()
    for (const [path, text] of filesBelowWorkdir(files)) {
      const target = join(folder.files, path)
      const above = dirname(target)
      if (!made.has(above)) await mkdir(above, { recursive: true })
      made.add(above)
      await writeFile(target, text)
    }
  })
}

/** Copies the parts of a folder, sharing blocks where the file system can; what changes meanwhile is copied as it is met. */
export async function copyParts(from: string, to: string): Promise<void> {
  await onDisk(async () => {
    const sources = PARTS.map((part) => join(from, part))
    try {
      await run('cp', ['-a', '--reflink=auto', '--', ...sources, to], { env: { ...process.env, LC_ALL: 'C' } })
    } catch (error) {
      const said = String((error as { stderr?: string }).stderr ?? '')
      if (/No space left|quota exceeded/i.test(said)) throw Object.assign(new Error(said), { code: 'ENOSPC' })
      const worse = said.split('\n').find((line) => line !== '' && !/No such file or directory$/.test(line))
      if (worse !== undefined || said === '')
        throw new SandboxError('gone', `the sandbox folder could not be copied: ${worse}`)
    }
  })
}

/** Removes a folder, whatever rights were taken away inside it. */
export async function removeFolder(path: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 } as const
  try {
    await rm(path, options)
  } catch {
    await run('chmod', ['-R', 'u+rwX', '--', path]).catch(() => undefined)
    await rm(path, options)
  }
}

/** Removes the folders below a root whose owners are dead, with the processes and control groups that belong to them. */
export async function sweepFolders(root: string): Promise<number> {
  const names = await readdir(root).catch(() => [] as string[])
  let removed = 0
  for (const id of names) {
    const path = join(root, id)
    if (!(await isAbandoned(path))) continue
    killBelow(path)
    const groups = await readFile(join(path, CGROUPS), 'utf8').catch(() => '')
    await removeCgroup(id, groups.split('\n'))
    await removeFolder(path)
    if (!id.startsWith(SHARED_PREFIX)) removed++
  }
  return removed
}

async function isAbandoned(path: string): Promise<boolean> {
  const owner = await readFile(join(path, 'owner'), 'utf8').catch(() => undefined)
  if (owner !== undefined) return isOrphan(owner, undefined)
  const found = await lstat(path).catch(() => undefined)
  return found?.isDirectory() === true && Date.now() - found.mtimeMs > UNOWNED_MS
}

/** Kills the processes that work in a folder. */
function killBelow(path: string): void {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    try {
      const cwd = readlinkSync(`/proc/${pid}/cwd`)
      if (cwd === path || cwd.startsWith(`${path}/`)) process.kill(pid, 'SIGKILL')
    } catch {
      // It ended meanwhile, or is not ours.
    }
  }
}

function layout(root: string, id: string): LocalFolder {
  const path = join(root, id)
  return {
    id,
    path,
    files: join(path, 'files'),
    tmp: join(path, 'tmp'),
    home: join(path, 'home'),
  }
}

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (cause instanceof SandboxError) throw cause
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new SandboxError('disk', 'no disk space left for a sandbox', {
        hint: 'Free space, or set TMPDIR to another disk.',
        cause,
      })
    throw new SandboxError('refused', `the sandbox folder cannot be made: ${message}`, { cause })
  }
}
