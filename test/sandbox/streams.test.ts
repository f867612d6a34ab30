import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bashWord } from '../../src/sandbox/bash-word.ts'
import { Capture } from '../../src/sandbox/capture.ts'
import { FrameParser } from '../../src/sandbox/frames.ts'
import { HeadTail } from '../../src/sandbox/head-tail.ts'
import { MarkScanner, markEnd, markStart } from '../../src/sandbox/mark-scanner.ts'
import { TerminalNoiseFilter } from '../../src/sandbox/terminal-noise.ts'
import { Turnstile } from '../../src/sandbox/turnstile.ts'

/** Bytes cut into chunks at these places. */
function chunks(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return at.slice(1).map((end, n) => bytes.subarray(at[n], end))
}

const cutsOf = fc.array(fc.nat({ max: 5000 }), { maxLength: 20 })

describe('a word of bash', () => {
  test('comes out of bash as it went in, without NUL', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 })
    const hostile = fc.constantFrom("'", '\\', '\n', '$(x)', '`x`', '"', '!', '\r', '\t', '\u0001', '\u007f', 'ü', '日')
    fc.assert(
      fc.property(fc.array(fc.oneof(text, hostile), { maxLength: 8 }), (parts) => {
        const word = parts.join('')
        const line = bashWord(word)
        expect(line).not.toMatch(/[\r\n]/)
        const { stdout } = spawnSync('bash', ['-c', `printf %s ${line}`], {
          encoding: 'utf8',
          env: { LC_ALL: 'C.UTF-8' },
        })
        expect(stdout).toBe(word.replaceAll('\0', ''))
      }),
      { numRuns: 60 },
    )
  })
})

describe('frames of the engine', () => {
  const frame = (type: number, payload: Buffer): Buffer => {
    const header = Buffer.from([type, 0, 0, 0, 0, 0, 0, 0])
    header.writeUInt32BE(payload.length, 4)
    return Buffer.concat([header, payload])
  }

  test('payloads come out in order wherever the stream is cut', () => {
    const payloads = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 300 })), { maxLength: 12 })
    fc.assert(
      fc.property(payloads, cutsOf, (frames, cuts) => {
        const whole = Buffer.concat(frames.map(([type, bytes]) => frame(type, Buffer.from(bytes))))
        const out: Buffer[] = []
        const parser = new FrameParser((chunk) => out.push(Buffer.from(chunk)))
        for (const chunk of chunks(whole, cuts)) parser.push(chunk)
        expect(Buffer.concat(out).equals(Buffer.concat(frames.map(([, bytes]) => bytes)))).toBe(true)
      }),
    )
  })

  test('bytes that are no frames are refused', () => {
    const parser = new FrameParser(() => undefined)
    expect(() => parser.push(Buffer.from('root@sandbox:/# '))).toThrow('not made of frames')
  })
})

describe('marks', () => {
  const secret = 'f00d'
  const mark = (text: string): string => `${markStart(secret)}${text}${markEnd(secret)}`

  function scanned(
    stream: string | Buffer,
    cuts: readonly number[],
    known = (_text: string): boolean => true,
  ): string[] {
    const seen: string[] = []
    const scanner = new MarkScanner(secret, {
      data: (chunk) => {
        if (seen.at(-1)?.startsWith('data ')) seen[seen.length - 1] += chunk.toString('latin1')
        else seen.push(`data ${chunk.toString('latin1')}`)
      },
      mark: (text) => known(text) && seen.push(`mark ${text}`) > 0,
    })
    for (const chunk of chunks(Buffer.from(stream), cuts)) scanner.push(chunk)
    scanner.end()
    return seen
  }

  test('are found between output wherever the stream is cut', () => {
    fc.assert(
      fc.property(cutsOf, (cuts) => {
        const stream = `one\u001e${mark('a:0:/x')}${mark('b')}two${markStart('f00c')}${mark('c\n\u001e')}\u001e`
        expect(scanned(stream, cuts)).toEqual([
          'data one\u001e',
          'mark a:0:/x',
          'mark b',
          `data two${markStart('f00c')}`,
          'mark c\n\u001e',
          'data \u001e',
        ])
      }),
    )
  })

  test('one that nobody expects, one without an end and one that is too long are output', () => {
    const unknown = mark('x')
    expect(scanned(`a${unknown}b`, [], () => false).join('')).toBe(`data a${unknown}b`.replace('data a', 'data a'))
    expect(scanned(`${markStart(secret)}never ended`, [3, 9])).toEqual([`data ${markStart(secret)}never ended`])
    const long = `${markStart(secret)}${'x'.repeat(40_000)}`
    expect(scanned(`${long}${mark('real')}`, [100, 20_000, 39_000])).toEqual([`data ${long}`, 'mark real'])
  })
})

describe('noise about terminals', () => {
  test('is taken out wherever the stream is cut; everything else passes', () => {
    const noise = 'bash: [19: 2 (255)] tcsetattr: Inappropriate ioctl for device\n'
    const pieces = fc.array(
      fc.constantFrom(noise, 'bash: ', 'bash: [x] no\n', 'out', 'b', '[1: 2', 'bash: [7: 1', '\n', 'ü'),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(pieces, cutsOf, (parts, cuts) => {
        const out: Buffer[] = []
        const filter = new TerminalNoiseFilter((chunk) => out.push(Buffer.from(chunk)))
        for (const chunk of chunks(Buffer.from(parts.join('')), cuts)) filter.push(chunk)
        filter.flush()
        expect(Buffer.concat(out).toString()).toBe(parts.join('').replaceAll(noise, ''))
      }),
    )
  })
})

describe('kept output', () => {
  test('short output is whole; of longer one both ends are kept and the gap is counted', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), cutsOf, fc.integer({ min: 2, max: 500 }), (bytes, cuts, max) => {
        const ascii = Buffer.from(bytes.map((byte) => 97 + (byte % 26)))
        const kept = new HeadTail(max)
        for (const chunk of chunks(ascii, cuts)) kept.add(chunk)
        const head = ascii.toString('latin1', 0, Math.ceil(max / 2))
        const tail = ascii.toString('latin1', ascii.length - Math.floor(max / 2))
        expect(kept.bytes).toBe(ascii.length)
        expect(kept.text()).toBe(
          ascii.length <= max ? ascii.toString() : `${head}\n[... ${ascii.length - max} bytes left out ...]\n${tail}`,
        )
      }),
    )
  })

  test('no character is cut in two at the gap', () => {
    const kept = new HeadTail(11)
    kept.add(Buffer.from('ééééééééééé'))
    expect(kept.text()).toBe('ééé\n[... 11 bytes left out ...]\néé')
  })

  test('memory stays bounded for chunks of any size', () => {
    const before = process.memoryUsage()
    const kept = new HeadTail(100_000)
    const byte = Buffer.from('x')
    for (let n = 0; n < 1_000_000; n++) kept.add(byte)
    const chunk = Buffer.alloc(1_000_000, 'y')
    for (let n = 0; n < 500; n++) kept.add(chunk)
    const after = process.memoryUsage()
    expect(kept.bytes).toBe(501_000_000)
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(100_000_000)
  })

  test('what came while nobody waited is kept when more room is asked for', () => {
    const capture = new Capture(10)
    capture.add(Buffer.from('0123456789abcdefghij'))
    capture.resize(100)
    capture.add(Buffer.from('-more'))
    expect(capture.take(10)).toEqual({ output: '01234\n[... 10 bytes left out ...]\nfghij-more', bytes: 25 })
    expect(capture.take(10)).toEqual({ output: '', bytes: 0 })
  })
})

test('a turnstile lets only so many through, in order, and survives failures', async () => {
  const turnstile = new Turnstile(2)
  let inside = 0
  let most = 0
  const order: number[] = []
  const all = [0, 1, 2, 3, 4, 5].map((n) =>
    turnstile.pass(async () => {
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setTimeout(resolve, 5))
      inside--
      order.push(n)
      if (n === 1) throw new Error('one fails')
    }),
  )
  expect((await Promise.allSettled(all)).filter(({ status }) => status === 'rejected')).toHaveLength(1)
  expect(most).toBe(2)
  expect(order).toEqual([0, 1, 2, 3, 4, 5])
})
