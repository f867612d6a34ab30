import { execFile } from 'node:child_process'
import { existsSync, lstatSync } from 'node:fs'
import { promisify } from 'node:util'
import { DETERMINISTIC_VARIABLES } from './sandbox.ts'

const run = promisify(execFile)

/** A bubblewrap that works here. */
export interface Bubblewrap {
  readonly path: string
  readonly version: string
  /** Whether it can forbid further user namespaces inside (0.8.0): less of the kernel within reach. */
  readonly sealsNamespaces: boolean
}

/** What one Sandbox shows and hides. */
export interface BubblewrapView {
  /** Host folders: the task's files, /tmp, the home folder, a made /etc (`makeEtc`). */
  readonly files: string
  readonly tmp: string
  readonly home: string
  readonly etc: string
  readonly workdir: string
  readonly network: boolean
  readonly variables: Readonly<Record<string, string>>
}

/** Where our own Node appears inside. */
const NODE_FOLDER = '/run/node'
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/opt']
const SHARED_MEMORY_BYTES = 256 * 1024 ** 2
const PATH = `${NODE_FOLDER}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`

/**
 * Tries bubblewrap for real: installed and allowed to make namespaces are two things.
 *
 * @returns the reason as a sentence where it does not work.
 */
export async function findBubblewrap(path = process.env['SEALIGN_BWRAP'] ?? 'bwrap'): Promise<Bubblewrap | string> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 10_000 })
    await run(path, [...ISOLATION, ...system(), '--proc', '/proc', '--dev', '/dev', '--', 'true'], { timeout: 10_000 })
    const version = /\d[\d.]*/.exec(stdout)?.[0] ?? ''
    const sealsNamespaces = await run(path, [...ISOLATION, '--disable-userns', ...system(), '--', 'true']).then(
      () => true,
      () => false,
    )
    return { path, version, sealsNamespaces }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `bubblewrap is not installed (${path} is missing)`
    const said = String((error as { stderr?: string }).stderr ?? '').trim() || (error as Error).message
    return `bubblewrap does not work here: ${said.split('\n', 1)[0]}`
  }
}

const ISOLATION = [
  '--unshare-user',
  '--unshare-all',
  '--die-with-parent',
  '--cap-drop',
  'ALL',
  '--uid',
  '0',
  '--gid',
  '0',
]

/** Arguments that show nothing of the host but its programs; `session`: without it a person's terminal keeps job control. */
export function bubblewrapArguments(bwrap: Bubblewrap, view: BubblewrapView, { session = true } = {}): string[] {
  const words = [...ISOLATION, '--hostname', 'sandbox', '--clearenv']
  if (bwrap.sealsNamespaces) words.push('--disable-userns')
  if (session) words.push('--new-session')
  if (view.network) words.push('--share-net')
  for (const [name, value] of Object.entries(variablesOf(view.variables))) words.push('--setenv', name, value)
  // Bubblewrap leaves /proc/sys writable for the owner of its files: where we are root, core_pattern would be a way out.
  words.push(...system(), '--proc', '/proc', '--remount-ro', '/proc', '--dev', '/dev')
  words.push('--size', String(SHARED_MEMORY_BYTES), '--tmpfs', '/dev/shm', '--remount-ro', '/dev')
  words.push('--size', String(SHARED_MEMORY_BYTES), '--tmpfs', '/run', '--dir', NODE_FOLDER)
  words.push('--ro-bind', process.execPath, `${NODE_FOLDER}/node`)
  words.push('--ro-bind', view.etc, '/etc')
  if (view.network)
    for (const name of ['resolv.conf', 'hosts']) words.push('--ro-bind-try', `/etc/${name}`, `/etc/${name}`)
  words.push('--bind', view.tmp, '/tmp', '--symlink', '/tmp', '/var/tmp', '--bind', view.home, '/root')
  words.push('--bind', view.files, view.workdir, '--remount-ro', '/', '--chdir', view.workdir)
  return words
}

/** Environment of a Sandbox on this machine; nothing of our own reaches it. */
export function variablesOf(variables: Readonly<Record<string, string>>): Record<string, string> {
  return { ...DETERMINISTIC_VARIABLES, PATH, TMPDIR: '/tmp', ...variables }
}

function system(): string[] {
  const words: string[] = []
  for (const folder of SYSTEM) {
    if (!existsSync(folder)) continue
    if (lstatSync(folder).isSymbolicLink()) words.push('--symlink', `usr${folder}`, folder)
    else words.push('--ro-bind', folder, folder)
  }
  return words
}
