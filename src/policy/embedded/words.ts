/** Words that say nothing about code. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about after all also am an and any are as at be been before but by can code could did do does done for from function get gets
  give given gives had has have how i if in into is it its just like make me my no not of on one or our out should so some still
  than that the their them then there they this to too us use used uses using value values want was we were what when where which
  while who why will with work works would you your file test tests expected actual const let var return new null undefined
  const true false else class export import async await`.split(/\s+/),
)

const ENDINGS: readonly (readonly [ending: string, keeps: string, shortest: number])[] = [
  ['ies', 'y', 5],
  ['ing', '', 6],
  ['ed', '', 5],
  ['es', '', 5],
  ['s', '', 4],
]

/** Longest text whose words are looked at, UTF-16 units. */
const MAX_TEXT = 40_000

/** The words of a text or name in lower case, camelCase taken apart, endings and words without a meaning left away. */
export function wordsOf(text: string): Set<string> {
  const words = new Set<string>()
  for (const [part] of text.slice(0, MAX_TEXT).matchAll(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g)) {
    const word = part.toLowerCase()
    if (word.length > 1 && !STOP_WORDS.has(word)) words.add(stemOf(word))
  }
  return words
}

/** The names and words of a text as they stand. */
export function tokensOf(text: string): Set<string> {
  const tokens = new Set<string>()
  for (const [token] of text.slice(0, MAX_TEXT).matchAll(/[A-Za-z_$][\w$]*/g)) tokens.add(token)
  return tokens
}

/** Names that a text sets as code: between backticks, or before a parenthesis. */
export function codeNamesOf(text: string): Set<string> {
  const names = new Set<string>()
  const cut = text.slice(0, MAX_TEXT)
  for (const [, code = ''] of cut.matchAll(/`([^`\n]{1,200})`/g)) for (const name of tokensOf(code)) names.add(name)
  for (const [, name = ''] of cut.matchAll(/([A-Za-z_$][\w$]*)\(/g)) names.add(name)
  return names
}

/** Numbers and quoted texts of a text, as they stand. */
export function literalsOf(text: string): Set<string> {
  const literals = new Set<string>()
  const cut = text.slice(0, MAX_TEXT)
  for (const [number] of cut.matchAll(/(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])/g)) literals.add(number)
  for (const [, single, double] of cut.matchAll(/'([^'\n]{1,40})'|"([^"\n]{1,40})"/g))
    literals.add(single ?? double ?? '')
  return literals
}

function stemOf(word: string): string {
  for (const [ending, keeps, shortest] of ENDINGS) {
    if (word.length >= shortest && word.endsWith(ending) && !word.endsWith('ss')) {
      return word.slice(0, word.length - ending.length) + keeps
    }
  }
  return word
}
