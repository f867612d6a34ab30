/** Lists are sorted in ascending order. */

/** First place whose value is not less than `value`. */
export function lowerBound(list, value) {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (list[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

/** First place whose value is greater than `value`. */
export function upperBound(list, value) {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (list[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Place of the value; -1 when it is not there. */
export function indexOf(list, value) {
  const at = lowerBound(list, value)
  return list[at] === value ? at : -1
}

/** How often the value is there. */
export function countOf(list, value) {
  return upperBound(list, value) - lowerBound(list, value)
}

/** Puts the value behind its equals. */
export function insert(list, value) {
  list.splice(upperBound(list, value), 0, value)
  return list
}
