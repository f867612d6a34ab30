import { parseLine } from './csv-line.js'

/** Rows of a text with a header line, as objects by column. */
export function parseText(text, separator = ',') {
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (header === undefined) return []
  const columns = parseLine(header, separator)
  return lines.map((line) => {
    const fields = parseLine(line, separator)
    return Object.fromEntries(columns.map((column, at) => [column, fields[at] ?? '']))
  })
}
