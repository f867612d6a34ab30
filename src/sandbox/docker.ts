import type Docker from 'dockerode'
import { BashSandbox } from './bash-sandbox.ts'
import { containerOptions } from './docker-container.ts'
import { DockerHost } from './docker-host.ts'
import { removeContainer, sweepDocker } from './docker-sweep.ts'
import { engineError, engineStatus, engineWords } from './engine-error.ts'
import { filesBelowWorkdir } from './file-map.ts'
import type { Sandbox, SandboxProvider, SandboxSpec } from './sandbox.ts'
import { SandboxError } from './sandbox-error.ts'
import { Turnstile } from './turnstile.ts'

export interface DockerProviderOptions {
  /** Socket of the engine; default: DOCKER_HOST and its companions, then the usual places. */
  readonly socketPath?: string
  /** After this long a container removes itself, whatever became of us; default 6 h. */
  readonly ttlMs?: number
  /** Containers made and started at once; default 8. */
  readonly starting?: number
}

const TTL_MS = 6 * 3_600_000
const DISK_PERIOD_MS = 60_000

/** Sandboxes as containers of Docker or of what answers like it (Podman). Images are never pulled here. */
export function createDockerProvider(options: DockerProviderOptions = {}): SandboxProvider {
  return new DockerProvider(options)
}

class DockerProvider implements SandboxProvider {
  readonly kind = 'docker'
  readonly #options: DockerProviderOptions
  readonly #starts: Turnstile
  readonly #open = new Map<DockerHost, Sandbox>()
  #docker: Promise<Docker> | undefined
  #disk: NodeJS.Timeout | undefined

  constructor(options: DockerProviderOptions) {
    this.#options = options
    this.#starts = new Turnstile(options.starting ?? 8)
  }

  create(spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox> {
    return this.#starts.pass(async () => {
      signal?.throwIfAborted()
      const image = spec.from?.reference ?? spec.image
      if (spec.from !== undefined && spec.from.kind !== 'docker')
        throw new SandboxError('refused', `a container cannot start from a ${spec.from.kind} snapshot`)
      if (image === undefined)
        throw new SandboxError('image', `task ${spec.labels.task} names no image to run in`, {
          hint: 'Name one with --image, or use --sandbox local.',
        })
      const files = filesBelowWorkdir(spec.from === undefined ? spec.files : {})
      const docker = await this.#engine()
      const host = await this.#start(docker, spec, image)
      const sandbox = new BashSandbox(host, () => this.#forget(host))
      this.#open.set(host, sandbox)
      this.#disk ??= setInterval(() => void this.#checkDisk(), DISK_PERIOD_MS).unref()
      try {
        await sandbox.warmUp()
        for (const [path, text] of files) await sandbox.writeFile(path, text)
        signal?.throwIfAborted()
        return sandbox
      } catch (error) {
        await sandbox.close().catch(() => undefined)
        throw diedAtOnce(error) ? unfitImage(image, error) : error
      }
    })
  }

  async sweep(): Promise<number> {
    return sweepDocker(await this.#engine())
  }

  async describe(): Promise<string> {
    try {
      const docker = await this.#engine()
      const [version, info] = await Promise.all([docker.version(), docker.info() as Promise<{ Driver?: string }>])
      const parts = version as { readonly Components?: readonly { readonly Name: string }[]; readonly Version: string }
      const name = parts.Components?.some((part) => /podman/i.test(part.Name)) ? 'Podman' : 'Docker'
      return `${name} ${parts.Version} (${info.Driver ?? 'unknown storage'}), no network unless a task needs it`
    } catch (error) {
      throw engineError(error, 'describe itself')
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((sandbox) => sandbox.close()))
  }

  async #start(docker: Docker, spec: SandboxSpec, image: string): Promise<DockerHost> {
    let id: string | undefined
    try {
      const container = await docker.createContainer(containerOptions(spec, image, this.#options.ttlMs ?? TTL_MS))
      id = container.id
      await container.start()
      return new DockerHost(docker, id, spec, this.#clientWords())
    } catch (error) {
      if (id !== undefined) await removeContainer(docker, id).catch(() => undefined)
      if (id === undefined && engineStatus(error) === 404) throw missingImage(spec, image, error)
      if (/executable file not found/.test(engineWords(error))) throw unfitImage(image, error)
      throw engineError(error, `start a container of ${image}`)
    }
  }

  #forget(host: DockerHost): void {
    this.#open.delete(host)
    if (this.#open.size > 0) return
    clearInterval(this.#disk)
    this.#disk = undefined
  }

  async #checkDisk(): Promise<void> {
    // One after the other: the engine walks the files of each.
    for (const host of [...this.#open.keys()]) if (this.#open.has(host)) await host.checkDisk().catch(() => undefined)
  }

  #clientWords(): string[] {
    const { socketPath } = this.#options
    return socketPath === undefined ? ['docker'] : ['docker', '-H', `unix://${socketPath}`]
  }

  #engine(): Promise<Docker> {
    this.#docker ??= import('dockerode').then(({ default: Engine }) => {
      const { socketPath } = this.#options
      return socketPath === undefined ? new Engine() : new Engine({ socketPath })
    })
    return this.#docker
  }
}

function missingImage(spec: SandboxSpec, image: string, cause: unknown): SandboxError {
  if (spec.from !== undefined)
    return new SandboxError('image', `the snapshot ${image.slice(0, 19)} is no longer there`, { cause })
  return new SandboxError('image', `the image ${image} is not on this machine`, {
    hint: `Run docker pull ${image}, or build it; images are never pulled without being asked for.`,
    cause,
  })
}

function unfitImage(image: string, cause: unknown): SandboxError {
  return new SandboxError('image', `the image ${image} cannot be a sandbox: it lacks \`sleep\` or bash`, {
    hint: 'Use an image with bash 4 or later and GNU coreutils.',
    cause,
  })
}

/** A container that is gone before it ran anything had nothing to run. */
function diedAtOnce(error: unknown): boolean {
  return error instanceof SandboxError && (error.fault === 'gone' || error.fault === 'image')
}
