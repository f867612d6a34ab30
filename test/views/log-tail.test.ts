import { appendFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LogTail } from '../../views/log-tail.ts'
import { temporaryFolder } from '../sessions/temporary.ts'

test('lines come as they are written, a line in parts as one, and a file that begins anew is read anew', () => {
  const path = join(temporaryFolder(), 'j1.log')
  const tail = new LogTail(path)
  expect(tail.lines()).toEqual({ first: 0, lines: [] })
  const bytes = Buffer.from('one\ntwo é')
  writeFileSync(path, bytes.subarray(0, bytes.length - 1))
  expect(tail.lines().lines[0]).toBe('one')
  appendFileSync(path, bytes.subarray(bytes.length - 1))
  appendFileSync(path, ' more\n10 %\r20 %\r\n')
  expect(tail.lines().lines).toEqual(['one', 'two é more', '10 %', '20 %'])
  truncateSync(path, 0)
  appendFileSync(path, 'new\n')
  expect(tail.lines()).toEqual({ first: 0, lines: ['new'] })
})

test('of a long log only the end is kept, and lines keep their numbers', () => {
  const path = join(temporaryFolder(), 'j1.log')
  writeFileSync(path, '')
  const tail = new LogTail(path)
  tail.lines()
  writeFileSync(path, `${'x'.repeat(99)}\n`.repeat(10_000))
  const { lines } = tail.lines()
  const read = lines.length
  expect(read).toBeLessThan(3_000)
  expect(lines.every((line) => line.length === 99)).toBe(true)
  for (let part = 0; part < 5; part++) {
    appendFileSync(path, 'short\n'.repeat(4_000))
    tail.lines()
  }
  const after = tail.lines()
  expect(after.lines.length).toBeLessThanOrEqual(12_000)
  expect(after.first + after.lines.length).toBe(read + 20_000)
})
