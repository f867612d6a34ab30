/** An elevator that goes on in its direction as long as someone waits there. */
export class Elevator {
  #requests = new Set()

  constructor(floors, floor = 0) {
    this.floors = floors
    this.floor = floor
    this.direction = 0
  }

  get isIdle() {
    return this.#requests.size === 0
  }

  call(floor) {
    if (floor < 0 || floor >= this.floors) throw new RangeError(`there is no floor ${floor}`)
    this.#requests.add(floor)
  }

  /** Does one thing: `open` the doors, go one floor `up` or `down`, or stay `idle`. Returns what it did. */
  step() {
    if (this.#requests.has(this.floor)) {
      return 'open'
    }
    this.direction = this.#nextDirection()
    this.floor += this.direction
    return this.direction > 0 ? 'up' : this.direction < 0 ? 'down' : 'idle'
  }

  #nextDirection() {
    const waiting = [...this.#requests]
    const isAbove = waiting.some((floor) => floor > this.floor)
    const isBelow = waiting.some((floor) => floor < this.floor)
    if (this.direction < 0) return isBelow ? -1 : isAbove ? 1 : 0
    return isAbove ? 1 : isBelow ? -1 : 0
  }
}
