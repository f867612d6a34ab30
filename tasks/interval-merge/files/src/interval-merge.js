/** Intervals are `[from, to]`, both ends included. */

function byStart(left, right) {
  return left[0] - right[0] || left[1] - right[1]
}

/** Joins all intervals that overlap or touch; sorted. The input is not changed. */
export function mergeIntervals(intervals) {
  const merged = []
  for (const [from, to] of [...intervals].sort(byStart)) {
    const last = merged.at(-1)
    if (last !== undefined && from < last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

/** Length covered by the intervals together. */
export function coveredLength(intervals) {
  return mergeIntervals(intervals).reduce((sum, [from, to]) => sum + (to - from), 0)
}

/** What is free between the intervals, within `[from, to]`. */
export function gaps(intervals, from, to) {
  const free = []
  let at = from
  for (const [start, end] of mergeIntervals(intervals)) {
    if (start > at) free.push([at, Math.min(start, to)])
    at = Math.max(at, end)
    if (at >= to) break
  }
  if (at < to) free.push([at, to])
  return free
}
