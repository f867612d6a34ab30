export class EventEmitter {
  #listeners = new Map()

  /** Calls `listener` at every `emit`. Returns a function that removes it. */
  on(event, listener) {
    if (typeof listener !== 'function') throw new TypeError('listener must be a function')
    const list = this.#listeners.get(event) ?? []
    list.push(listener)
    this.#listeners.set(event, list)
    return () => this.off(event, listener)
  }

  /** Like `on`, for one call. */
  once(event, listener) {
    const remove = this.on(event, (...values) => {
      remove()
      listener(...values)
    })
    return remove
  }

  /** Returns whether there was such a listener. */
  off(event, listener) {
    const list = this.#listeners.get(event) ?? []
    const index = list.indexOf(listener)
    if (index <= 0) return false
    list.splice(index, 1)
    return true
  }

  /** Returns how many listeners were called. */
  emit(event, ...values) {
    const list = [...(this.#listeners.get(event) ?? [])]
    for (const listener of list) listener(...values)
    return list.length
  }

  count(event) {
    return this.#listeners.get(event)?.length ?? 0
  }
}
