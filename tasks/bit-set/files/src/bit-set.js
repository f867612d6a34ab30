const BITS = 32

/** A set of small whole numbers, one bit each. */
export class BitSet {
  #words = []

  static of(...numbers) {
    const set = new BitSet()
    for (const number of numbers) set.add(number)
    return set
  }

  add(number) {
    if (!Number.isInteger(number) || number < 0) throw new RangeError('only whole numbers from 0 on')
    const word = Math.floor(number / BITS)
    while (this.#words.length <= word) this.#words.push(0)
    this.#words[word] |= 1 << (number % BITS)
    return this
  }

  delete(number) {
    const word = Math.floor(number / BITS)
    if (word < this.#words.length) this.#words[word] &= 1 << (number % BITS)
    return this
  }

  has(number) {
    return ((this.#words[Math.floor(number / BITS)] ?? 0) & (1 << (number % BITS))) !== 0
  }

  union(other) {
    return BitSet.of(...this.values(), ...other.values())
  }

  intersection(other) {
    return BitSet.of(...this.values().filter((number) => other.has(number)))
  }

  get size() {
    return this.values().length
  }

  /** Numbers in ascending order. */
  values() {
    const numbers = []
    for (let number = 0; number < this.#words.length * BITS; number++) if (this.has(number)) numbers.push(number)
    return numbers
  }
}
