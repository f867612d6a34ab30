import type Docker from 'dockerode'
import type { SandboxHost } from './bash-sandbox.ts'
import { labels, SNAPSHOT_LABEL } from './docker-container.ts'
import { openDockerStream } from './docker-stream.ts'
import { removeContainer, removeImage } from './docker-sweep.ts'
import { engineError, engineStatus } from './engine-error.ts'
import type { SandboxSpec, Snapshot } from './sandbox.ts'
import { SandboxError } from './sandbox-error.ts'
import type { SandboxStream, StreamEvents } from './stream.ts'

/** Snapshots outlive their job, so that its Nodes can be expanded again; a dead owner ends them earlier. */
const SNAPSHOT_TTL_MS = 7 * 24 * 3_600_000

const SECOND_LOOK_MS = 300

/** One container of ours. */
export class DockerHost implements SandboxHost {
  readonly kind = 'docker'
  readonly id: string
  readonly workdir: string
  readonly prologue: readonly string[] = []
  readonly #docker: Docker
  readonly #spec: SandboxSpec
  readonly #words: readonly string[]
  #fault: SandboxError | undefined

  /** @param words - Command line of the engine's client up to `exec`. */
  constructor(docker: Docker, id: string, spec: SandboxSpec, words: readonly string[]) {
    this.#docker = docker
    this.id = id
    this.workdir = spec.workdir
    this.#spec = spec
    this.#words = words
  }

  readonly open = (events: StreamEvents): Promise<SandboxStream> =>
    openDockerStream(this.#docker.getContainer(this.id), events)

  async fault(): Promise<SandboxError | undefined> {
    if (this.#fault !== undefined) return this.#fault
    try {
      let { State } = await this.#docker.getContainer(this.id).inspect()
      if (State.Running) {
        // The commands of a dying container end a moment before the engine calls it dead.
        await new Promise((resolve) => setTimeout(resolve, SECOND_LOOK_MS))
        State = (await this.#docker.getContainer(this.id).inspect()).State
      }
      if (State.Running && !State.Dead) return undefined
      this.#fault = State.OOMKilled
        ? new SandboxError('memory', `container ${this.#short()} was killed: it used more memory than its limit`)
        : new SandboxError('gone', `container ${this.#short()} stopped (exit code ${State.ExitCode})`)
      return this.#fault
    } catch (error) {
      if (engineStatus(error) !== 404) return engineError(error, 'look at a container')
      this.#fault = new SandboxError('gone', `container ${this.#short()} was killed or removed from outside`)
      return this.#fault
    }
  }

  /** Removes the container when it wrote more than it may. */
  async checkDisk(): Promise<void> {
    // Neither `size` nor its answer is in the types of dockerode; the engine's API has both (GET /containers/{id}/json).
    const info = await this.#docker.getContainer(this.id).inspect({ size: true } as object)
    const written = (info as { SizeRw?: number }).SizeRw ?? 0
    const limit = this.#spec.limits.diskBytes
    if (written <= limit) return
    const mb = (bytes: number): number => Math.round(bytes / 1e6)
    this.#fault = new SandboxError(
      'disk',
      `container ${this.#short()} wrote ${mb(written)} MB; its limit is ${mb(limit)} MB`,
    )
    await removeContainer(this.#docker, this.id)
  }

  async snapshot(): Promise<Snapshot> {
    try {
      const Labels = { ...labels(this.#spec.labels, SNAPSHOT_TTL_MS), [SNAPSHOT_LABEL]: 'true' }
      const { Id }: { Id: string } = await this.#docker.getContainer(this.id).commit({
        _query: { container: this.id, comment: 'sealign snapshot', pause: true },
        _body: { Labels },
      })
      const docker = this.#docker
      return {
        kind: 'docker',
        reference: Id,
        async remove() {
          await removeImage(docker, Id)
        },
      }
    } catch (error) {
      throw (await this.fault()) ?? engineError(error, 'make a snapshot')
    }
  }

  attachCommand(): readonly string[] {
    return [...this.#words, 'exec', '-it', '-w', this.workdir, this.id, 'bash']
  }

  async close(): Promise<void> {
    this.#fault ??= new SandboxError('gone', `container ${this.#short()} is closed`)
    await removeContainer(this.#docker, this.id)
  }

  #short(): string {
    return this.id.slice(0, 12)
  }
}
