/**
 * A machine with named states.
 * @param {Record<string, Record<string, string>>} transitions by state, then by event: the next state
 */
export function createMachine(initial, transitions) {
  if (!Object.hasOwn(transitions, initial)) throw new Error(`unknown state ${initial}`)
  let state = initial
  const history = []
  const listeners = new Set()

  const nextState = (event) => {
    const events = transitions[state] ?? {}
    return Object.hasOwn(events, event) ? events[event] : undefined
  }

  return {
    get state() {
      return state
    },
    get history() {
      return [...history]
    },
    can: (event) => nextState(event) !== undefined,
    /** Returns whether the event was allowed; the state stays when it was not. */
    send(event) {
      const next = nextState(event)
      const previous = state
      state = next
      history.push(event)
      for (const listener of listeners) listener({ event, from: previous, to: next })
      return true
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isFinal: () => Object.keys(transitions[state] ?? {}).length === 0,
  }
}
