import type { Supervisor } from './supervisor.ts'

/** Supervisors whose last command left programs running; they stay open, so that those programs live. */
const MAX_RETIRED = 8

/** The Supervisors of one Sandbox for one-shot commands and files: as many as there are calls at once. */
export class SupervisorPool {
  readonly #start: () => Promise<Supervisor>
  readonly #idle: Supervisor[] = []
  readonly #all = new Set<Supervisor>()
  readonly #retired: Supervisor[] = []
  #closed = false

  constructor(start: () => Promise<Supervisor>) {
    this.#start = start
  }

  /** Runs `work` with a Supervisor of its own; `retire` keeps it from being used again. */
  async with<T>(work: (supervisor: Supervisor, retire: () => void) => Promise<T>): Promise<T> {
    const supervisor = this.#take() ?? (await this.#start())
    this.#all.add(supervisor)
    if (this.#closed) supervisor.close()
    let retired = false
    try {
      return await work(supervisor, () => {
        retired = true
      })
    } finally {
      supervisor.use(undefined)
      if (supervisor.ended) this.#all.delete(supervisor)
      else if (retired) this.#retire(supervisor)
      else this.#idle.push(supervisor)
    }
  }

  close(): void {
    this.#closed = true
    for (const supervisor of this.#all) supervisor.close()
    this.#all.clear()
    this.#idle.length = 0
  }

  #take(): Supervisor | undefined {
    while (true) {
      const supervisor = this.#idle.pop()
      if (supervisor === undefined || !supervisor.ended) return supervisor
      this.#all.delete(supervisor)
    }
  }

  #retire(supervisor: Supervisor): void {
    this.#retired.push(supervisor)
    if (this.#retired.length <= MAX_RETIRED) return
    const oldest = this.#retired.shift()
    if (oldest === undefined) return
    oldest.close()
    this.#all.delete(oldest)
  }
}
