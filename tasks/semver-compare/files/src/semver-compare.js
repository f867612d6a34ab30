import { parse } from './parse.js'

const isNumber = (part) => /^\d+$/.test(part)

/** -1, 0 or 1, by the precedence rules of semver.org. @throws TypeError for a text that is no version. */
export function compare(left, right) {
  const [one, other] = [left, right].map((text) => {
    const version = parse(text)
    if (version === undefined) throw new TypeError(`${text} is no version`)
    return version
  })
  for (let at = 0; at < 3; at++) {
    const difference = one.numbers[at] - other.numbers[at]
    if (difference !== 0) return Math.sign(difference)
  }
  return comparePre(one.pre, other.pre)
}

/** No pre-release at all comes last. */
function comparePre(left, right) {
  if (left.length === 0 || right.length === 0) return Math.sign(right.length - left.length)
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const order = comparePart(left[at], right[at])
    if (order !== 0) return order
  }
  return Math.sign(left.length - right.length)
}

function comparePart(left, right) {
  if (isNumber(left) && isNumber(right)) return Math.sign(Number(left) - Number(right))
  if (isNumber(left) || isNumber(right)) return !isNumber(left) ? -1 : 1
  return left === right ? 0 : left < right ? -1 : 1
}

/** The greatest of several versions. */
export function latest(versions) {
  return versions.reduce((best, version) => (compare(version, best) > 0 ? version : best))
}
