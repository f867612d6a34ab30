const isObject = (value) => typeof value === 'object' && value !== null

/** Whether two values hold the same data: objects and lists by content, dates by time, all else as `Object.is` says. */
export function isEqual(one, other) {
  if (Object.is(one, other)) return true
  if (!isObject(one) || !isObject(other)) return false
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  if (one instanceof Date) return one.getTime() === other.getTime()
  const keys = Object.keys(one)
  return keys.every((key) => Object.hasOwn(other, key) && isEqual(one[key], other[key]))
}

/** Dotted paths at which two values differ; the empty path is the value itself. */
export function differences(one, other, path = '') {
  if (isEqual(one, other)) return []
  if (!isObject(one) || !isObject(other)) return [path]
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...keys].flatMap((key) => differences(one[key], other[key], path === '' ? key : `${path}.${key}`))
}

/** Whether a list holds an equal value. */
export function includesEqual(list, value) {
  return list.some((item) => isEqual(item, value))
}
