/** Texts such as `aaab` as `3ab`: a number, where there is more than one, and the letter. Digits are escaped with a backslash. */

/** Runs of equal items as `[item, count]`. */
export function runs(items) {
  const found = []
  for (const item of items) {
    const last = found.at(-1)
    if (last !== undefined && last[0] === item) last[1]++
    else found.push([item, 0])
  }
  return found
}

export function encode(text) {
  return runs(text)
    .map(([letter, count]) => (count === 1 ? '' : count) + (/[\d\\]/.test(letter) ? `\\${letter}` : letter))
    .join('')
}

/** @throws SyntaxError when a number or backslash stands at the end. */
export function decode(code) {
  let text = ''
  let at = 0
  while (at < code.length) {
    let digits = ''
    while (/\d/.test(code[at] ?? '')) digits += code[at++]
    if (code[at] === '\\') at++
    if (at >= code.length) throw new SyntaxError('the code ends too early')
    text += code[at++].repeat(digits === '' ? 1 : Number(digits))
  }
  return text
}

/** The longest run; the first one of several. */
export function longestRun(items) {
  return runs(items).reduce((best, run) => (run[1] > best[1] ? run : best), [undefined, 0])
}
