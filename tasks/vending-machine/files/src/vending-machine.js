import { change } from './change.js'

/** Prices and coins are whole cents. */
export class VendingMachine {
  #slots = new Map()
  #credit = 0

  stock(product, price, count) {
    const slot = this.#slots.get(product)
    this.#slots.set(product, { price, count: (slot?.count ?? 0) + count })
  }

  get credit() {
    return this.#credit
  }

  insert(coin) {
    if (!(coin > 0)) throw new RangeError('a coin is worth more than nothing')
    this.#credit += coin
  }

  /** @returns {{ product: string, change: number[] }} @throws Error when it is sold out or the credit is too low */
  buy(product) {
    const slot = this.#slots.get(product)
    if (slot === undefined || slot.count === 0) throw new Error(`${product} is sold out`)
    if (this.#credit < slot.price) throw new Error(`${slot.price - this.#credit} more needed`)
    slot.count--
    const rest = this.#credit - slot.price
    return { product, change: change(rest) }
  }

  /** Gives all coins back. */
  cancel() {
    const coins = change(this.#credit)
    this.#credit = 0
    return coins
  }
}
