const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]))

/** Regroups numbers of `from` bits as numbers of `to` bits; `pad` keeps the bits left at the end. */
function regroup(numbers, from, to, pad) {
  const result = []
  let buffer = 0
  let bits = 0
  for (const number of numbers) {
    buffer = (buffer << from) | number
    bits += from
    while (bits >= to) {
      bits -= to
      result.push((buffer >> bits) & ((1 << to) - 1))
    }
    buffer &= (1 << bits) - 1
  }
  if (pad && bits > 0) result.push((buffer << (to - bits)) & ((1 << to) - 1))
  return result
}

/** Text (UTF-8) as base64 for URLs, without padding. */
export function encode(text) {
  const bytes = new TextEncoder().encode(text)
  return regroup(bytes, 8, 6, true)
    .map((value) => ALPHABET[value])
    .join('')
}

/** @throws SyntaxError for a letter that is not in the alphabet. */
export function decode(code) {
  const values = [...code.replace(/=+$/, '')].map((letter) => {
    const value = VALUES.get(letter)
    if (value === undefined) throw new SyntaxError(`${letter} is not base64url`)
    return value
  })
  return new TextDecoder().decode(Uint8Array.from(regroup(values, 6, 7, false)))
}

export function isBase64url(code) {
  return code.length % 4 !== 1 && [...code].every((letter) => VALUES.has(letter))
}
