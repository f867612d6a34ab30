const segmentsOf = (path) => path.split('/').filter((segment) => segment !== '')

/** Finds the handler of a path. Patterns hold `:name` for one segment and `*` at the end for all the rest. */
export class Router {
  #routes = []

  add(pattern, handler) {
    this.#routes.push({ segments: segmentsOf(pattern), handler })
    return this
  }

  /** The first route that fits, `undefined` when none does. */
  match(path) {
    const parts = segmentsOf(path.split('?')[0])
    for (const { segments, handler } of this.#routes) {
      const params = paramsOf(segments, parts)
      if (params !== undefined) return { handler, params }
    }
    return undefined
  }
}

function paramsOf(segments, parts) {
  const params = {}
  for (const [at, segment] of segments.entries()) {
    if (segment === '*') {
      params.rest = parts.slice(at).join('/')
      return params
    }
    const part = parts[at]
    if (part === undefined) return undefined
    if (segment.startsWith(':')) params[segment.slice(1)] = decodeURIComponent(segment)
    else if (segment !== part) return undefined
  }
  return segments.length === parts.length ? params : undefined
}
