/**
 * Runs `action` with the values of the last call, once there was no call for `wait` milliseconds.
 * @param {{ set: (run: () => void, ms: number) => unknown, clear: (timer: unknown) => void }} timers
 */
export function debounce(action, wait, timers) {
  let timer
  let values

  const run = () => {
    const last = values
    timer = undefined
    values = undefined
    action(...last)
  }

  const debounced = (...next) => {
    if (timer !== undefined) timers.clear(timer)
    values = next
    timer = timers.set(run, wait)
  }

  /** Runs what is pending at once. */
  debounced.flush = () => {
    if (timer === undefined) return
    run()
  }

  /** Forgets what is pending. */
  debounced.cancel = () => {
    if (timer !== undefined) timers.clear(timer)
    timer = undefined
    values = undefined
  }

  debounced.isPending = () => timer !== undefined
  return debounced
}
