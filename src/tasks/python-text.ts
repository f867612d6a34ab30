/**
 * Python source with comments and the contents of strings taken out (line breaks stay; a string becomes nothing at all);
 * `undefined` when a string is not closed.
 */
export function bareCode(text: string): string | undefined {
  let code = ''
  let at = 0
  while (at < text.length) {
    const character = text[at] ?? ''
    if (character === '#') {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else if (character === '"' || character === "'") {
      const end = stringEnd(text, at, character)
      if (end === undefined) return undefined
      code += text.slice(at, end).replace(/[^\n]+/g, '')
      at = end
    } else {
      code += character
      at++
    }
  }
  return code
}

/** Index after the string that starts at `at`; `undefined` when it is not closed. */
function stringEnd(text: string, at: number, quote: string): number | undefined {
  const close = text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote
  let index = at + close.length
  while (index < text.length) {
    const character = text[index]
    if (character === '\\') index += 2
    else if (close.length === 1 && character === '\n') return undefined
    else if (text.startsWith(close, index)) return index + close.length
    else index++
  }
  return undefined
}

const PAIRS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/** Whether every bracket of bare code is closed by its like, in order. */
export function closesWhatItOpens(code: string): boolean {
  const open: string[] = []
  for (const character of code) {
    if ('([{'.includes(character)) open.push(character)
    else if (Object.hasOwn(PAIRS, character) && open.pop() !== PAIRS[character]) return false
  }
  return open.length === 0
}
