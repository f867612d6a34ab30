/**
 * Counts values in bins of equal width. A value on the border of two bins belongs to the upper one, the greatest value to the
 * last bin.
 * @returns {{ from: number, to: number, count: number }[]}
 */
export function histogram(values, binCount, { from = Math.min(...values), to = Math.max(...values) } = {}) {
  if (values.length === 0) return []
  const width = (to - from) / binCount || 1
  const bins = Array.from({ length: binCount }, (_, at) => ({
    from: from + at * width,
    to: from + (at + 1) * width,
    count: 0,
  }))
  for (const value of values) {
    if (value < from || value > to) continue
    const at = Math.min(Math.floor((value - from) / width), binCount)
    bins[at].count++
  }
  return bins
}

/** The bin with most values; the first one of several. */
export function mode(bins) {
  return bins.reduce((best, bin) => (bin.count > best.count ? bin : best))
}

/** Bars of text, the longest one `width` characters long. */
export function bars(bins, width = 20) {
  const most = Math.max(...bins.map(({ count }) => count))
  return bins.map(({ from, count }) => `${from} ${'#'.repeat(Math.round((count / most) * width))}`.trimEnd())
}
