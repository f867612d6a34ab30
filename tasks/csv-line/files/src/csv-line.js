/**
 * The fields of one line of CSV. Quoted fields may hold the separator and doubled quotes, and keep their spaces;
 * plain fields are trimmed.
 */
export function parseLine(line, separator = ',') {
  const fields = []
  let field = ''
  let inQuotes = false
  let wasQuoted = false

  const end = () => {
    fields.push(wasQuoted ? field : field.trim())
    field = ''
  }

  for (let at = 0; at < line.length; at++) {
    const letter = line[at]
    if (inQuotes) {
      if (letter !== '"') field += letter
      else if (line[at + 1] === '"') field += line[++at]
      else inQuotes = false
    } else if (letter === '"' && field.trim() === '') {
      field = ''
      inQuotes = true
      wasQuoted = true
    } else if (letter === separator) {
      end()
    } else {
      field += letter
    }
  }
  end()
  return fields
}
