const FORM = /^v?(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?(?:\+[\w.-]+)?$/

/** @returns {{ numbers: number[], pre: string[] } | undefined} `undefined`: it is no version */
export function parse(text) {
  const match = FORM.exec(text.trim())
  if (match === null) return undefined
  const [, major, minor, patch, pre] = match
  return { numbers: [major, minor, patch].map(Number), pre: pre === undefined ? [] : pre.split('.') }
}
