import { rmSync, writeFileSync } from 'node:fs'

/** Room for the last words: a few pages of the session's log and a line in the job's. */
const RESERVED_BYTES = 256 * 1024

/** Space held back on the session's disk, so that a job that fills it can still say so. */
export class DiskReserve implements Disposable {
  readonly #path: string

  /** @param path - where the space is held; a file an earlier process left there is taken over. */
  constructor(path: string) {
    this.#path = path
    try {
      writeFileSync(path, Buffer.alloc(RESERVED_BYTES, 1), { mode: 0o600 })
    } catch {
      // Nothing is left to hold back: what comes out then is what fits.
      this.release()
    }
  }

  release(): void {
    rmSync(this.#path, { force: true })
  }

  [Symbol.dispose](): void {
    this.release()
  }
}
