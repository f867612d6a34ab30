/** Part of the URL for a heading, as code hosts make it. */
export function anchorOf(text) {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replace(/\s+/g, '-')
}

/** Headings of a Markdown text; lines within code fences are left out, equal anchors are numbered. */
export function headings(markdown) {
  const found = []
  const used = new Map()
  let isCode = false
  for (const line of markdown.split('\n')) {
    if (/^\s*```/.test(line)) isCode = !isCode
    const match = isCode ? null : /^(#{1,6})\s+(.+?)\s*#*$/.exec(line)
    if (match === null) continue
    const text = match[2]
    const base = anchorOf(text)
    const times = used.get(base) ?? 0
    used.set(base, times + 1)
    found.push({ level: match[1].length, text, anchor: times === 0 ? base : `${base}-${times}` })
  }
  return found
}

/** A list with a link for each heading down to `depth`, indented by level. */
export function tableOfContents(markdown, depth = 3) {
  const shown = headings(markdown).filter(({ level }) => level <= depth)
  const top = Math.min(...shown.map(({ level }) => level))
  return shown
    .map((heading) => `${'  '.repeat(heading.level - top)}- [${heading.text}](#${heading.text})`)
    .join('\n')
}
