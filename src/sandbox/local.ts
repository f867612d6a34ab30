import { BashSandbox } from './bash-sandbox.ts'
import { type Bubblewrap, findBubblewrap } from './bubblewrap.ts'
import { makeEtc } from './etc-folder.ts'
import {
  copyParts,
  defaultRoot,
  fillFolder,
  type LocalFolder,
  makeFolder,
  removeFolder,
  SHARED_PREFIX,
  sweepFolders,
} from './local-folder.ts'
import { type Isolation, LocalHost } from './local-host.ts'
import type { Sandbox, SandboxProvider, SandboxSpec } from './sandbox.ts'
import { SandboxError } from './sandbox-error.ts'
import { UsageWatch } from './usage-watch.ts'

export interface LocalProviderOptions {
  /** Where the folders of Sandboxes lie; default: one of this user's in the system's temporary folder. */
  readonly folder?: string
  /** `false`: as if bubblewrap were not installed. */
  readonly bubblewrap?: boolean
}

/**
 * Sandboxes as folders on this machine, isolated by bubblewrap. Without it only trusted commands run, as plain child processes
 * whose working folder is the Sandbox's own folder, not `spec.workdir`. `spec.image` is not used.
 *
 * Environment: `SEALIGN_BWRAP` names the bubblewrap to use.
 */
export function createLocalProvider(options: LocalProviderOptions = {}): SandboxProvider {
  return new LocalProvider(options)
}

class LocalProvider implements SandboxProvider {
  readonly kind = 'local'
  readonly #root: string
  readonly #watch = new UsageWatch()
  readonly #open = new Set<Sandbox>()
  readonly #wanted: boolean
  #etc: Promise<LocalFolder> | undefined
  #found: Promise<Bubblewrap | string> | undefined

  constructor({ folder = defaultRoot(), bubblewrap = true }: LocalProviderOptions) {
    this.#root = folder
    this.#wanted = bubblewrap
  }

  async create(spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox> {
    signal?.throwIfAborted()
    const isolation = await this.#isolation(spec)
    const folder = await makeFolder(this.#root)
    try {
      await fillFolder(folder, spec.from === undefined ? spec.files : {})
      if (spec.from !== undefined) await copyParts(spec.from.reference, folder.path)
      signal?.throwIfAborted()
      const host = new LocalHost(this.#root, folder, spec, isolation, this.#watch)
      const sandbox = new BashSandbox(host, () => this.#open.delete(sandbox))
      this.#open.add(sandbox)
      return sandbox
    } catch (error) {
      await removeFolder(folder.path)
      throw error
    }
  }

  sweep(): Promise<number> {
    return sweepFolders(this.#root)
  }

  async describe(): Promise<string> {
    const found = await this.#bubblewrap()
    if (typeof found === 'string') return `plain child processes, not isolated, trusted commands only: ${found}`
    return `bubblewrap ${found.version}, no network unless a task needs it`
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((sandbox) => sandbox.close()))
    const etc = await this.#etc?.catch(() => undefined)
    this.#etc = undefined
    if (etc !== undefined) await removeFolder(etc.path)
  }

  async #sharedEtc(): Promise<string> {
    this.#etc ??= makeFolder(this.#root, SHARED_PREFIX).then(async (folder) => {
      await makeEtc(folder.files)
      return folder
    })
    return (await this.#etc).files
  }

  async #isolation(spec: SandboxSpec): Promise<Isolation | undefined> {
    if (process.platform !== 'linux')
      throw new SandboxError('refused', 'the local sandbox needs Linux', { hint: 'Use --sandbox docker.' })
    if (spec.from !== undefined && spec.from.kind !== 'local')
      throw new SandboxError('refused', `a local sandbox cannot start from a ${spec.from.kind} snapshot`)
    if (!/^\/./.test(spec.workdir))
      throw new SandboxError(
        'refused',
        `the working folder ${JSON.stringify(spec.workdir)} is not an absolute path below /`,
      )
    const found = await this.#bubblewrap()
    if (typeof found !== 'string') return { bubblewrap: found, etc: await this.#sharedEtc() }
    if (spec.trusted) return undefined
    throw new SandboxError('refused', `commands of a model would run unprotected: ${found}`, {
      hint: 'Install bubblewrap (apt-get install bubblewrap) or use --sandbox docker.',
    })
  }

  #bubblewrap(): Promise<Bubblewrap | string> {
    this.#found ??= this.#wanted ? findBubblewrap() : Promise.resolve('bubblewrap is switched off')
    return this.#found
  }
}
