import { open } from 'node:fs/promises'

const PIECE_BYTES = 1024 * 1024
/** By its first bytes a file is known again. */
const HEAD_BYTES = 256

/** A file that somebody appends to: each look gives what is new. One that was replaced or cut short is read from its beginning again. */
export class GrownFile {
  readonly path: string
  #head: Buffer = Buffer.alloc(0)
  #offset = 0

  constructor(path: string) {
    this.path = path
  }

  /**
   * The bytes that were appended since the last look, in pieces; each is valid until the next one.
   * @throws the file system's error; a file that is gone has nothing new.
   * @param restart - called first when this is another file by the same name, whose bytes come from the beginning.
   */
  async *read(restart: () => void): AsyncGenerator<Buffer, void> {
    const handle = await open(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    if (handle === undefined) return
    try {
      const { size } = await handle.stat()
      const head = Buffer.alloc(Math.min(HEAD_BYTES, size))
      await handle.read(head, 0, head.length, 0)
      const known = Math.min(this.#head.length, head.length)
      if (size < this.#offset || Buffer.compare(this.#head.subarray(0, known), head.subarray(0, known)) !== 0) {
        this.#offset = 0
        restart()
      }
      this.#head = head
      const piece = Buffer.alloc(Math.max(1, Math.min(PIECE_BYTES, size - this.#offset)))
      while (this.#offset < size) {
        const { bytesRead } = await handle.read(piece, 0, piece.length, this.#offset)
        if (bytesRead === 0) return
        this.#offset += bytesRead
        yield piece.subarray(0, bytesRead)
      }
    } finally {
      await handle.close()
    }
  }
}
