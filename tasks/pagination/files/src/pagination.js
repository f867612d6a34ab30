/** Number of pages; at least 1, so that there is something to show. */
export function pageCount(total, size) {
  return Math.max(1, Math.floor(total / size))
}

/** One page of a list; a page that does not exist becomes the nearest one. Pages are counted from 1. */
export function paginate(list, page, size = 20) {
  const pages = pageCount(list.length, size)
  const current = Math.min(Math.max(1, page), pages)
  const start = (current - 1) * size
  return {
    items: list.slice(start, start + size),
    page: current,
    pages,
    hasPrevious: current > 1,
    hasNext: current < pages,
  }
}

/**
 * Page numbers for the links below a list: first, last and those around the current one; `null` where some are left out.
 */
export function pageLinks(current, pages, around = 1) {
  const links = []
  for (let page = 1; page <= pages; page++) {
    const isNear = Math.abs(page - current) <= around
    if (page === 1 || page === pages || isNear) links.push(page)
    else if (links.at(-1) !== null) links.push(null)
  }
  return links
}
