import { describe, expect, test } from 'vitest'
import { type LineEdit, lineEditOf } from '../../../src/policy/embedded/edits/edit-lines.ts'
import { OPERATORS, type Operator } from '../../../src/policy/embedded/edits/mutation.ts'
import { mutationsOf } from '../../../src/policy/embedded/edits/mutations.ts'
import { sourceModelOf } from '../../../src/policy/embedded/source-model.ts'

function editsOf(text: string, operator: Operator): readonly LineEdit[] {
  const source = sourceModelOf(text)
  if (source === undefined) throw new Error('the example does not parse')
  return mutationsOf(source).flatMap((mutation) => {
    const edit = mutation.operator === operator ? lineEditOf(source, mutation) : undefined
    return edit === undefined ? [] : [edit]
  })
}

/** New texts of an operator's edits, in order. */
function newTexts(text: string, operator: Operator): readonly string[] {
  return editsOf(text, operator).map(({ newText }) => newText)
}

const EXAMPLES: Readonly<Record<Operator, readonly [source: string, edits: readonly string[]]>> = {
  boundary: ['while (a < b) step()\n', ['while (a <= b) step()']],
  direction: ['while (a < b) step()\n', ['while (a > b) step()', 'while (a >= b) step()']],
  equality: ["if (a === 'x') go()\n", ["if (a !== 'x') go()"]],
  arithmetic: ['total = price * count\n', ['total = price / count', 'total = price + count', 'total = price ** count']],
  grouping: ['mean = low + high / 2\n', ['mean = (low + high) / 2']],
  logical: ['if (a && b) go()\n', ['if (a || b) go()']],
  negation: ['if (!ready) go()\n', ['if (ready) go()']],
  truthiness: ['const size = given || 20\n', ['const size = given ?? 20']],
  clause: ['if (a && b) go()\n', ['if (a) go()', 'if (b) go()']],
  number: ['const first = 1\n', ['const first = 2', 'const first = 0']],
  offset: [
    'const last = list[list.length]\n',
    ['const last = list[list.length - 1]', 'const last = list[list.length + 1]'],
  ],
  boolean: ['let found = false\n', ['let found = true']],
  string: ["const text = parts.join(',')\n", ["const text = parts.join(', ')"]],
  variable: [
    'function area(width, height) {\n  return width * width\n}\n',
    ['  return height * width', '  return width * height'],
  ],
  property: [
    'const span = range.end - range.start\n',
    ['const span = range.start - range.start', 'const span = range.end - range.end'],
  ],
  'operand-order': ['list.sort((a, b) => a - b)\n', ['list.sort((a, b) => b - a)']],
  'call-name': ['const low = Math.min(a, b)\n', ['const low = Math.max(a, b)']],
  'call-argument': ['const sorted = list.sort()\n', ['const sorted = list.sort((a, b) => a - b)']],
  'call-wrap': [
    'const half = size / 2\n',
    ['const half = Math.floor(size / 2)', 'const half = Math.ceil(size / 2)', 'const half = Math.round(size / 2)'],
  ],
  copy: ['function all() {\n  return this.list\n}\n', ['  return [...this.list]', '  return { ...this.list }']],
  await: [
    'async function load() {\n  const text = read()\n  return text\n}\nasync function read() {}\n',
    ['  const text = await read()'],
  ],
  assignment: ['total += price\n', ['total = price', 'total -= price', 'total *= price']],
  reset: [
    `class Timer {
  start = 0
  laps = 0
  lap() {
    this.laps += 1
    this.start += 1
  }
  clear() {
    this.start = 0
  }
}
`,
    [
      '    this.start += 1\n    this.laps = 0',
      '    this.start += 1\n    this.start = 0',
      '    this.start = 0\n    this.laps = 0',
      '  lap() {\n    this.laps = 0',
      '  lap() {\n    this.start = 0',
    ],
  ],
  guard: [
    `function first(list) {
  if (list.length === 0) return undefined
  return list[0]
}
function last(list) {
  return list.at(-1)
}
`,
    ['function last(list) {\n  if (list.length === 0) return undefined'],
  ],
  'statement-copy': [
    `function add(list, item) {
  seen.delete(item)
  list.push(item)
}
function put(list, item) {
  list.unshift(item)
}
`,
    [
      'function add(list, item) {\n  list.unshift(item)',
      '  seen.delete(item)\n  list.unshift(item)',
      '  list.push(item)\n  list.unshift(item)',
      'function put(list, item) {\n  list.push(item)',
      '  list.unshift(item)\n  list.push(item)',
      'function put(list, item) {\n  seen.delete(item)',
      '  list.unshift(item)\n  seen.delete(item)',
    ],
  ],
  'statement-move': ['function go() {\n  list.pop()\n  use(list)\n}\n', ['  use(list)\n  list.pop()']],
  'statement-drop': ['function go() {\n  list.pop()\n  return list\n}\n', ['function go() {']],
  return: ['for (const each of list) {\n  if (each) continue\n}\n', ['  if (each) break']],
}

describe('edit operators', () => {
  test.each(OPERATORS)('%s', (operator) => {
    const [source, expected] = EXAMPLES[operator]
    expect(new Set(newTexts(source, operator))).toEqual(new Set(expected))
  })

  test('names that every object has are names like others', () => {
    expect(newTexts('constructor.valueOf(toString, hasOwnProperty)\n', 'operand-order')).toEqual([
      'constructor.valueOf(hasOwnProperty, toString)',
    ])
  })

  test('a file that does not parse has no model and no edits', () => {
    expect(sourceModelOf('function (')).toBeUndefined()
  })

  test('a file that nests absurdly deep has none either', () => {
    expect(sourceModelOf(`x = ${'['.repeat(400)}1${']'.repeat(400)}`)).toBeUndefined()
  })
})

describe('the lines of an edit', () => {
  test('are as few as make them unique in the file', () => {
    const text = 'a()\nx = 1\nb()\nx = 1\n'
    const [first] = editsOf(text, 'number')
    expect(first).toMatchObject({ line: 1, oldText: 'a()\nx = 1', newText: 'a()\nx = 2', size: 2 })
    for (const { oldText, newText, after } of editsOf(text, 'number')) {
      expect(text.split(oldText)).toHaveLength(2)
      expect(text.replace(oldText, newText)).toBe(after)
    }
  })

  test('never hold what would end the call', () => {
    expect(editsOf('const tag = "</function>" + 1\n', 'number')).toEqual([])
  })
})
