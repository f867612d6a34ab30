const isPlain = (value) => Object.prototype.toString.call(value) === '[object Object]'

/** Lists within a list become part of it, down to `depth`. */
export function flattenList(list, depth = Infinity) {
  return list.flatMap((item) => (Array.isArray(item) && depth > 0 ? flattenList(item, depth - 1) : [item]))
}

/** Nested objects as one object by dotted path; lists and empty objects are values. */
export function flattenObject(object, separator = '.') {
  const result = {}
  const visit = (value, path) => {
    for (const [key, child] of Object.entries(value)) {
      const childPath = path === '' ? key : path + separator + key
      if (isPlain(child) && Object.keys(child).length > 0) visit(child, key)
      else result[childPath] = child
    }
  }
  visit(object, '')
  return result
}

/** Undoes `flattenObject`. */
export function unflattenObject(flat, separator = '.') {
  const result = {}
  for (const [path, value] of Object.entries(flat)) {
    const keys = path.split(separator)
    const last = keys.pop()
    let place = result
    for (const key of keys) place = place[key] ??= {}
    place[last] = value
  }
  return result
}
