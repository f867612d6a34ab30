/** How often each item is in a list. */
export function counts(list) {
  const found = new Map()
  for (const item of list) found.set(item, (found.get(item) ?? 0) + 1)
  return found
}

/** The list without the items of another one; an item that is there twice is taken away twice. */
export function minus(list, others) {
  const open = counts(others)
  const rest = []
  for (const item of list) {
    const left = open.get(item) ?? 0
    if (left > 0) open.set(item, left - 1)
    else rest.push(item)
  }
  return rest
}

/** What was added, removed and kept between two lists. Order does not matter, how often an item is there does. */
export function difference(before, after) {
  const removed = minus(before, after)
  const added = minus(after, before)
  const kept = minus(before, added)
  return { added, removed, kept }
}

/** One line for people: `+2 -1 =3`. */
export function summary(before, after) {
  const { added, removed, kept } = difference(before, after)
  return `+${added.length} -${removed.length} =${kept.length}`
}
