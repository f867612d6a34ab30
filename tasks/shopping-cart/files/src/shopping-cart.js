import { discountOf } from './discounts.js'

/** Prices are whole cents. */
export class Cart {
  #lines = new Map()
  #code
  #taxRate

  constructor({ taxRate = 0 } = {}) {
    this.#taxRate = taxRate
  }

  add(name, price, quantity = 1) {
    const line = this.#lines.get(name) ?? { price, quantity: 0 }
    line.quantity += quantity
    this.#lines.set(name, line)
    return this
  }

  remove(name, quantity = Infinity) {
    const line = this.#lines.get(name)
    if (line === undefined) return this
    line.quantity -= quantity
    if (line.quantity <= 0) this.#lines.delete(name)
    return this
  }

  useCode(code) {
    this.#code = code
    return this
  }

  get count() {
    return [...this.#lines.values()].reduce((sum, { quantity }) => sum + quantity, 0)
  }

  totals() {
    const subtotal = [...this.#lines.values()].reduce((sum, { price, quantity }) => sum + price * quantity, 0)
    const discount = discountOf(this.#code, subtotal)
    const net = subtotal - discount
    const tax = Math.round(subtotal * this.#taxRate)
    return { subtotal, discount, tax, total: net + tax }
  }
}
