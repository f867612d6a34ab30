import { toPattern } from './glob-pattern.js'

/** Whether a path fits one of the globs. */
export function matches(path, globs) {
  return globs.some((glob) => toPattern(glob).test(path))
}

/** Paths that fit an `include` glob and no `exclude` glob. */
export function select(paths, { include = ['**'], exclude = [] }) {
  return paths.filter((path) => matches(path, include) && matches(path, exclude))
}

/** Paths by the first glob they fit; those that fit none are under `other`. */
export function groupBy(paths, globs) {
  const groups = {}
  for (const path of paths) {
    const name = globs.find((glob) => matches(path, [glob])) ?? 'other'
    const group = (groups[name] ??= [])
    group.push(path)
  }
  return groups
}
