/** Timers that run when told to. */
export function fakeTimers() {
  let now = 0
  let next = 1
  const pending = new Map()
  return {
    set(run, ms) {
      pending.set(next, { run, at: now + ms })
      return next++
    },
    clear: (timer) => void pending.delete(timer),
    /** Lets `ms` milliseconds pass. */
    pass(ms) {
      now += ms
      for (const [timer, { run, at }] of [...pending]) {
        if (at > now) continue
        pending.delete(timer)
        run()
      }
    },
    count: () => pending.size,
  }
}
