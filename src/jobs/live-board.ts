import type { RolloutChange } from '../../sessions/rollouts.ts'
import type { Session } from '../../sessions/session.ts'

/** How often what is being received is written for the screens, milliseconds. */
const FLUSH_MS = 250
/** UTF-16 units of it that are kept. */
const TAIL = 1500

/**
 * What changes too often to be written each time: the text being received, the phase. Changes of all rollouts go into one
 * transaction, four times a second at most.
 */
export class LiveBoard implements Disposable {
  readonly #session: Session
  readonly #pending = new Map<number, { -readonly [Name in keyof RolloutChange]: RolloutChange[Name] }>()
  readonly #texts = new Map<number, string>()
  readonly #failed: (error: unknown) => void
  #timer: NodeJS.Timeout | undefined

  /** @param failed - hears that the store could not be written. */
  constructor(session: Session, failed: (error: unknown) => void) {
    this.#session = session
    this.#failed = failed
  }

  change(rollout: number, change: RolloutChange): void {
    const pending = this.#pending.get(rollout)
    if (pending) Object.assign(pending, change)
    else this.#pending.set(rollout, { ...change })
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS)
  }

  /** Appends to what is being received; another kind begins anew. */
  receive(rollout: number, kind: NonNullable<RolloutChange['liveKind']>, text: string): void {
    const before = this.#pending.get(rollout)?.liveKind ?? this.#kinds.get(rollout)
    const text2 = before === kind ? (this.#texts.get(rollout) ?? '') + text : text
    const tail = text2.length > TAIL ? text2.slice(-TAIL) : text2
    this.#texts.set(rollout, tail)
    this.#kinds.set(rollout, kind)
    this.change(rollout, { liveKind: kind, live: tail, activeMs: Date.now() })
  }
  readonly #kinds = new Map<number, RolloutChange['liveKind']>()

  /** Takes what waits for a rollout, to be written together with something more important. */
  take(rollout: number): RolloutChange {
    const pending = this.#pending.get(rollout) ?? {}
    this.#pending.delete(rollout)
    return pending
  }

  /** Nothing is being received any more. */
  silence(rollout: number): void {
    this.#texts.delete(rollout)
    this.#kinds.delete(rollout)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#pending.size === 0) return
    const changes = [...this.#pending]
    this.#pending.clear()
    try {
      this.#session.record((revision) => {
        for (const [rollout, change] of changes) this.#session.rollouts.change(rollout, change, revision)
      })
    } catch (error) {
      this.#failed(error)
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#pending.clear()
  }
}
