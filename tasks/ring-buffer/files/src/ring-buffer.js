/** A buffer of fixed size: when it is full, the oldest value makes room for the newest. */
export class RingBuffer {
  #slots
  #start = 0
  #size = 0

  constructor(capacity) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError('capacity must be a positive integer')
    this.#slots = new Array(capacity)
  }

  get capacity() {
    return this.#slots.length
  }

  get size() {
    return this.#size
  }

  get isFull() {
    return this.#size === this.capacity
  }

  /** Adds a value. Returns the value that had to go, `undefined` when there was room. */
  push(value) {
    const end = (this.#start + this.#size) % this.capacity
    const dropped = this.isFull ? this.#slots[end] : undefined
    this.#slots[end] = value
    if (this.isFull) this.#start = (this.#start + 1) % this.capacity
    else this.#size++
    return dropped
  }

  /** Takes out the oldest value. */
  shift() {
    if (this.#size === 0) return undefined
    const value = this.#slots[this.#start]
    this.#slots[this.#start] = undefined
    this.#start = (this.#start + 1) % this.size
    this.#size--
    return value
  }

  at(index) {
    if (index < 0 || index >= this.#size) return undefined
    return this.#slots[(this.#start + index) % this.capacity]
  }

  toArray() {
    return Array.from({ length: this.#size }, (_, index) => this.at(index))
  }
}
