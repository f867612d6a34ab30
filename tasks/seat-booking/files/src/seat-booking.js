/** Seats of a hall, named by row and number: `A1` … */
export function seatNames(rows, perRow) {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: perRow }, (__, at) => String.fromCharCode(65 + row) + (at + 1)),
  ).flat()
}

export class Hall {
  #seats
  #taken = new Map()

  constructor(rows, perRow) {
    this.#seats = new Set(seatNames(rows, perRow))
  }

  isFree(seat) {
    return this.#seats.has(seat) && !this.#taken.has(seat)
  }

  /** Books all the seats, or none. @throws RangeError naming the first seat that cannot be had */
  book(guest, seats) {
    for (const seat of seats) {
      if (!this.isFree(seat)) throw new RangeError(`${seat} is not free`)
      this.#taken.set(seat, guest)
    }
    return seats.length
  }

  /** Returns how many seats became free. */
  cancel(guest) {
    const seats = this.seatsOf(guest)
    for (const seat of seats) this.#taken.delete(seat)
    return seats.length
  }

  seatsOf(guest) {
    return [...this.#taken].filter(([, name]) => name === guest).map(([seat]) => seat)
  }

  get free() {
    return [...this.#seats].filter((seat) => !this.#taken.has(seat))
  }
}
