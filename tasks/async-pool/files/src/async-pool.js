/**
 * Like `Promise.all(items.map(work))`, with at most `limit` calls at a time. Results are in the order of the items.
 * The first failure rejects; no further work is started then.
 */
export async function mapPool(items, limit, work) {
  if (!(limit >= 1)) throw new RangeError('limit must be at least 1')
  const results = new Array(items.length)
  const running = new Set()
  for (const [at, item] of items.entries()) {
    const job = Promise.resolve(work(item, at)).then((result) => {
      results[at] = result
      running.delete(job)
    })
    running.add(job)
    if (running.size >= limit) Promise.race(running)
  }
  await Promise.all(running)
  return results
}

/** Items for which an async test says yes. */
export async function filterPool(items, limit, test) {
  const verdicts = await mapPool(items, limit, test)
  return items.filter((_, at) => verdicts[at])
}
