function checkSize(size) {
  if (!Number.isInteger(size) || size < 1) throw new RangeError('size must be a whole number above 0')
}

/** Parts of `size` items, the last one may be shorter. */
export function chunk(list, size) {
  checkSize(size)
  const chunks = []
  for (let at = 0; at < list.length; at += size) chunks.push(list.slice(at, at + size))
  return chunks
}

/** Every part of `size` neighbours. */
export function windows(list, size) {
  checkSize(size)
  const found = []
  for (let at = 0; at + size < list.length; at++) found.push(list.slice(at, at + size))
  return found
}

/** `count` parts, as equal in size as possible, longer ones first. */
export function splitInto(list, count) {
  checkSize(count)
  const least = Math.floor(list.length / count)
  const longer = list.length % count
  const parts = []
  let at = 0
  for (let part = 0; part < count; part++) {
    const end = at + least + (part < longer ? 1 : 0)
    parts.push(list.slice(at, end))
    at = end
  }
  return parts
}

/** A new part begins at each item for which the test says yes. */
export function splitBefore(list, test) {
  const parts = []
  for (const item of list) {
    if (parts.length === 0 || test(item)) parts.push([item])
    else parts.at(-1).push(item)
  }
  return parts
}
