import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createChantWatch } from '../../src/rollout/chanting.ts'
import { draftsBelow, haveRuns, NEEDS_RUNS } from './backtest-runs.ts'

/** Characters read before it fired; `undefined`: it did not. */
function firesAt(text: string): number | undefined {
  const watch = createChantWatch()
  for (let at = 0; at < text.length; at++) if (watch.push(text.charAt(at))) return at + 1
  return undefined
}

const numbers = (n: number): number[] => Array.from({ length: n }, (_, at) => at)
const PROSE = numbers(40)
  .map((n) => `Sentence ${n} says that file_${n * 7}.py calls function ${n * n} with ${n + 3} arguments. `)
  .join('')

describe('a reply that chants', () => {
  it.each([
    ['a short sentence', 'I will look at the file again. '],
    ['a line', 'Let me check the implementation of the parser once more.\n'],
    [
      'a call that is written over and over',
      '<function=execute_bash>\n<parameter=command>ls</parameter>\n</function>\n',
    ],
    ['a paragraph', `${PROSE.slice(0, 350)}\n\n`],
    ['a long paragraph', `${PROSE.slice(0, 1500)}\n\n`],
    ['another script', '我再看一遍这个文件，然后决定下一步应该做什么，最后再检查一次结果。\n'],
  ])('is noticed: %s', (_, chunk) => {
    const text = chunk.repeat(400)
    const at = firesAt(PROSE + text) ?? Number.NaN
    expect(at - PROSE.length).toBeLessThanOrEqual(Math.max(1700, chunk.length * 16 + 20))
    expect(at - PROSE.length).toBeGreaterThan(chunk.length * 3)
  })

  it('is noticed later when what repeats is shorter than a name or no word', () => {
    expect(firesAt('no '.repeat(3000))).toBe(4000)
    expect(firesAt('!'.repeat(9000))).toBe(4000)
    expect(firesAt('\n'.repeat(9000))).toBe(4000)
  })

  it('is noticed in lines that differ in their number only, or come in no fixed order', () => {
    expect(
      firesAt(
        numbers(90)
          .map((n) => `${n}. I will check the parser again.\n`)
          .join(''),
      ),
    ).toBeLessThan(1600)
    const unordered = numbers(200).map(
      (n) => `${n % 7 === 0 ? `step ${n}` : 'I have to run the whole test suite again'}\n`,
    )
    expect(firesAt(unordered.join(''))).toBeLessThan(3000)
  })

  it('is told by what it chants and how often it had come', () => {
    const watch = createChantWatch()
    expect(watch.chant).toBeUndefined()
    expect(watch.push('Let me check the parser once more.\n'.repeat(100))).toBe(true)
    expect(watch.chant).toMatchObject({ repeats: 40 })
    expect('Let me check the parser once more.\n'.repeat(2)).toContain(watch.chant?.chunk)
    expect(watch.push('and now something else')).toBe(true)
    watch.reset()
    expect(watch.push('Let me check the parser once more.\n'.repeat(3))).toBe(false)
  })
})

describe('what only looks like it', () => {
  const table = [
    '| name | value | state |',
    '|---|---|---|',
    ...numbers(500).map((n) => `| row ${n} | ${n * n} | ok |`),
  ]
  const blankTable = ['| name | value | state |', ...numbers(60).map(() => '|      |       |       |')]
  const tests = numbers(60).flatMap((n) => [
    `    def test_case_${n}(self):`,
    `        result = parse(${n})`,
    '        self.assertEqual(result, expected)',
    '        self.assertIsNone(result.error)',
    '',
  ])
  const stubs = numbers(80).flatMap((n) => [`    def method_${n}(self):`, '        raise NotImplementedError()', ''])
  const braces = numbers(300).flatMap((n) => [`  if (x === ${n}) {`, '    return true', '  }'])
  const log = numbers(400).map((n) => `tests/test_core.py::test_number_${n} PASSED [${n % 100}%]`)
  const records = numbers(40).map(() => '  { "left": null, "right": null },')

  it.each([
    ['a long table', table.join('\n')],
    ['a table without entries', blankTable.join('\n')],
    ['tests with the same assertions', tests.join('\n')],
    ['methods without a body', stubs.join('\n')],
    ['branches with the same body', braces.join('\n')],
    ['a test log', log.join('\n')],
    ['forty equal records', records.join('\n')],
    ['base64', randomBytes(60_000).toString('base64')],
    ['base64 of zeros', Buffer.alloc(2500).toString('base64')],
    [
      'a list of zeros',
      numbers(1000)
        .map(() => '0')
        .join(', '),
    ],
    [
      'a hexadecimal dump of zeros',
      numbers(600)
        .map(() => '0x00')
        .join(', '),
    ],
    [
      'rulers',
      numbers(40)
        .map((n) => `${'='.repeat(120)}\nPart ${n}\n${'-'.repeat(120)}`)
        .join('\n'),
    ],
    ['white space', `x${' '.repeat(3000)}y${'\n'.repeat(3000)}z`],
    ['prose', PROSE.repeat(2)],
    ['a sentence said five times', 'I will look at the file again and then decide. '.repeat(5)],
  ])('is left alone: %s', (_, text) => {
    expect(firesAt(text)).toBeUndefined()
  })

  it.each(['package-lock.json', 'src/tree/volatile-times.ts', 'README.md', 'test/commands/program.test.ts'])(
    'is left alone: %s of this repository',
    (path) => {
      expect(createChantWatch().push(readFileSync(path, 'utf8'))).toBe(false)
    },
  )

  it.skipIf(!haveRuns)(
    `is left alone: every reply of the recorded runs${NEEDS_RUNS}`,
    { timeout: 120_000 },
    async () => {
      const watch = createChantWatch()
      const chanting: string[] = []
      let replies = 0
      for (const folder of ['mint-humaneval', 'mini-swe-agent-dev-x4', 'tau-airline-x4']) {
        for (const { steps } of await draftsBelow(folder)) {
          for (const { reply } of steps) {
            watch.reset()
            if (watch.push(reply.content)) chanting.push(reply.content.slice(-300))
            replies++
          }
        }
      }
      expect(chanting).toEqual([])
      expect(replies).toBe(13_852)
    },
  )
})

describe('the stream', () => {
  it('may be cut into pieces anywhere', () => {
    const text = `${PROSE}${'Let me look at it again, this time properly. '.repeat(60)}`
    const at = firesAt(text)
    expect(at).toBeDefined()
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        const watch = createChantWatch()
        let from = 0
        for (let piece = 0; from < text.length; piece++) {
          const size = sizes[piece % sizes.length] ?? 1
          const fired = watch.push(text.slice(from, from + size))
          from += size
          expect(fired).toBe(Math.min(from, text.length) >= (at ?? 0))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('chants when any chunk of words comes long enough, whatever stood before it', () => {
    const word = fc.constantFrom('file', 'parser', 'again', 'check', 'then', 'value', 'tests', 'lines')
    const chunk = fc.array(word, { minLength: 5, maxLength: 60 }).map((words) => `${words.join(' ')}. `)
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), chunk, (before, text) => {
        const needed = Math.max(1600, text.length * 16)
        expect(createChantWatch().push(before + text.repeat(Math.ceil((needed + 40) / text.length) + 1))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('is never told to chant by random text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 80 }), { maxLength: 60 }), (pieces) => {
        const watch = createChantWatch()
        expect(pieces.some((piece) => watch.push(piece))).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  it('costs the same per character however long it is', () => {
    const watch = createChantWatch()
    const piece = randomBytes(300_000).toString('latin1')
    const time = (): number => {
      const start = performance.now()
      watch.push(piece)
      return performance.now() - start
    }
    time()
    const early = Math.min(time(), time())
    for (let i = 0; i < 10; i++) time()
    expect(Math.min(time(), time())).toBeLessThan(early * 3 + 20)
  })
})
