import { tokens } from './tokens.js'

const OPERATORS = {
  '+': { rank: 1, apply: (left, right) => left + right },
  '-': { rank: 1, apply: (left, right) => left - right },
  '*': { rank: 2, apply: (left, right) => left * right },
  '/': { rank: 2, apply: (left, right) => left / right },
}

/** The value of an expression with + - * / and brackets. @throws SyntaxError */
export function evaluate(source, variables = {}) {
  const rest = tokens(source)

  const primary = () => {
    const token = rest.shift()
    if (token === '-') return -primary()
    if (token === '(') {
      const value = expression(0)
      if (rest.shift() !== ')') throw new SyntaxError('a bracket is not closed')
      return value
    }
    if (token in variables) return variables[token]
    const number = Number(token)
    if (token === undefined || Number.isNaN(number)) throw new SyntaxError(`unexpected ${token ?? 'end'}`)
    return number
  }

  /** Takes operators that bind closer than `rank`. */
  const expression = (rank) => {
    let value = primary()
    while (rest[0] in OPERATORS && OPERATORS[rest[0]].rank >= rank) {
      const operator = OPERATORS[rest.shift()]
      value = operator.apply(value, expression(operator.rank))
    }
    return value
  }

  const value = expression(0)
  if (rest.length > 0) throw new SyntaxError(`unexpected ${rest[0]}`)
  return value
}
