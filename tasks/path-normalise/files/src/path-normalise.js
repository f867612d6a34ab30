/** A path without `.`, `..` and doubled slashes. Leading `..` of a relative path stay; `/..` is `/`. */
export function normalise(path) {
  const isAbsolute = path.startsWith('/')
  const kept = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.shift()
    else if (!isAbsolute) kept.push('..')
  }
  const joined = kept.join('/')
  if (isAbsolute) return `/${joined}`
  return joined === '' ? '.' : joined
}

/** Parts put together; an absolute part begins anew. */
export function join(...parts) {
  return normalise(parts.reduce((path, part) => (part.startsWith('/') ? part : `${path}/${part}`)))
}

/** The way from one folder to a path; both absolute. */
export function relative(from, to) {
  const [left, right] = [from, to].map((path) => normalise(path).split('/').filter((part) => part !== ''))
  let shared = 0
  while (shared < left.length && shared < right.length && left[shared] === right[shared]) shared++
  const up = left.slice(shared).map(() => '..')
  return [...up, ...right.slice(shared)].join('/') || '.'
}

export function isWithin(folder, path) {
  return relative(folder, path).split('/')[0] !== '..'
}
