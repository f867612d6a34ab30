/** A text, or a number that JSON does not know: Python writes them bare. */
const TEXT_OR_BARE = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g

/** Parses JSON as Python's `json.dump` writes it: a number that is not finite is null. @throws SyntaxError when it is no JSON. */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (!/\bNaN\b|\bInfinity\b/.test(text)) throw error
    return JSON.parse(text.replace(TEXT_OR_BARE, (found) => (found.startsWith('"') ? found : 'null'))) as unknown
  }
}
