import { EditorRefusal, echo, invalid } from './editor-text.ts'
import { countLines, lineStart } from './line-ends.ts'

/** Matches looked for: enough to list, bounded for a text that matches everywhere. */
const MAX_MATCHES = 50

/** A file's new text, and the lines that are new in it. */
export interface Edit {
  readonly text: string
  /** 1-based. */
  readonly firstLine: number
  readonly newLines: number
}

/**
 * Replaces the only place where `oldText` stands, literally. Where it stands nowhere, both texts are tried once more without
 * the white space around them: models add newlines that are not there (openhands-aci `editor.py`).
 *
 * @throws EditorRefusal when there is no such place, or more than one.
 */
export function replaced(path: string, text: string, oldText: string, newText: string): Edit {
  if (oldText === newText) {
    throw invalid('new_str', newText, 'No replacement was performed: `new_str` and `old_str` are the same.')
  }
  if (oldText === '') {
    throw invalid('old_str', oldText, 'No replacement was performed: an empty text stands everywhere.')
  }
  const found = placesOf(text, oldText)
  if (found.length > 0) return replacedAt(text, found, oldText, newText)
  const bare = oldText.trim()
  const sameBare = bare === '' || bare === oldText || bare === newText.trim()
  const places = sameBare ? [] : placesOf(text, bare)
  if (places.length === 0) {
    throw new EditorRefusal(
      `No replacement was performed, old_str \`${echo(oldText)}\` did not appear verbatim in ${path}.`,
    )
  }
  return replacedAt(text, places, bare, newText.trim())
}

/**
 * Puts `newText` after line `after` (0: before the first), on lines of its own.
 *
 * @throws EditorRefusal when the file has no such line.
 */
export function inserted(text: string, after: number, newText: string): Edit {
  const lines = countLines(text)
  if (after < 0 || after > lines) throw invalid('insert_line', after, `It must be within [0, ${lines}].`)
  const at = lineStart(text, after + 1)
  const head = text.slice(0, at)
  const tail = text.slice(at)
  const opens = head === '' || head.endsWith('\n')
  // A file without a newline at its end keeps none: its last line is now the inserted one.
  const ends = opens || tail !== ''
  return {
    text: `${head}${opens ? '' : '\n'}${newText}${ends ? '\n' : ''}${tail}`,
    firstLine: after + 1,
    newLines: newText.split('\n').length,
  }
}

function replacedAt(text: string, places: readonly number[], oldText: string, newText: string): Edit {
  const [place = 0, ...others] = places
  const lineOf = lineCounter(text)
  if (others.length > 0) {
    const lines = [...new Set(places.map(lineOf))]
    const more = places.length === MAX_MATCHES ? ', …' : ''
    throw new EditorRefusal(
      `No replacement was performed. Multiple occurrences of old_str \`${echo(oldText)}\` in lines [${lines.join(', ')}${more}]. Please ensure it is unique.`,
    )
  }
  return {
    text: text.slice(0, place) + newText + text.slice(place + oldText.length),
    firstLine: lineOf(place),
    newLines: newText.split('\n').length,
  }
}

/** Where `part` begins in `text`; places do not overlap. */
function placesOf(text: string, part: string): number[] {
  const places: number[] = []
  let at = text.indexOf(part)
  while (at >= 0 && places.length < MAX_MATCHES) {
    places.push(at)
    at = text.indexOf(part, at + part.length)
  }
  return places
}

/** Line numbers (1-based) of ascending indexes, each newline counted once. */
function lineCounter(text: string): (index: number) => number {
  let line = 1
  let counted = 0
  return (index) => {
    for (let at = text.indexOf('\n', counted); at >= 0 && at < index; at = text.indexOf('\n', counted)) {
      line += 1
      counted = at + 1
    }
    return line
  }
}
