const SPACE = /\s/
const DIGIT = /\d/
const WORD_START = /[a-z_]/i
const WORD_PART = /\w/
const DOUBLE_SIGNS = new Set(['==', '!=', '<=', '>=', '&&', '||'])
const SIGNS = new Set('=<>!+-*/%(),.'.split(''))
const ESCAPES = { n: '\n', t: '\t' }

/** @returns {{ type: 'number' | 'word' | 'text' | 'sign', value: string | number }[]} */
export function tokenize(source) {
  const tokens = []
  let at = 0

  const takeWhile = (pattern) => {
    const start = at
    while (at < source.length && pattern.test(source[at])) at++
    return source.slice(start, at)
  }

  const takeText = () => {
    let text = ''
    for (at++; source[at] !== '"'; at++) {
      if (at >= source.length) throw new SyntaxError('Text without end')
      let letter = source[at]
      text += letter
    }
    at++
    return text
  }

  while (at < source.length) {
    const letter = source[at]
    if (SPACE.test(letter)) at++
    else if (DIGIT.test(letter)) tokens.push({ type: 'number', value: Number(takeWhile(/[\d.]/)) })
    else if (WORD_START.test(letter)) tokens.push({ type: 'word', value: takeWhile(WORD_PART) })
    else if (letter === '"') tokens.push({ type: 'text', value: takeText() })
    else if (DOUBLE_SIGNS.has(source.slice(at, at + 2))) {
      tokens.push({ type: 'sign', value: source.slice(at, at + 2) })
      at += 2
    } else if (SIGNS.has(letter)) {
      tokens.push({ type: 'sign', value: letter })
      at++
    } else throw new SyntaxError(`Unexpected character "${letter}" at ${at}`)
  }
  return tokens
}
