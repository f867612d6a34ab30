/**
 * Lines of at most `width` characters, broken between words; a word longer than that gets a line of its own.
 * Empty lines between paragraphs are kept.
 */
export function wrap(text, width) {
  return text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, width))
}

function wrapParagraph(paragraph, width) {
  const words = paragraph.split(/\s+/).filter((word) => word !== '')
  const lines = []
  let line = ''
  for (const word of words) {
    if (line === '') {
      line = word
    } else if (line.length + 1 + word.length < width) {
      line += ` ${word}`
    } else {
      lines.push(line)
      line = word
    }
  }
  lines.push(line)
  return lines
}

/** Puts text in front of every line; the first one may have its own. */
export function indent(lines, prefix, first = prefix) {
  return lines.map((line, at) => (at === 0 ? first : prefix) + line)
}

/** A list item whose further lines stand below the first word. */
export function bullet(text, width, mark = '- ') {
  return indent(wrap(text, width - mark.length), ' '.repeat(mark.length), mark).join('\n')
}
