import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalObservation } from '../../src/tree/observation-normal.ts'

describe('what differs between two runs of the same action is replaced', () => {
  it.each([
    ['5 passed in 0.12s', '5 passed in <time>'],
    ['# duration_ms 52.125041', '# duration_ms <time>'],
    ['  duration_ms: 0.3', '  duration_ms: <time>'],
    ['# duration_ms 7', '# duration_ms <time>'],
    ['my_duration_msx 52.1', 'my_duration_msx 52.1'],
    ['========= 5 passed in 12.10s (0:00:12) =========', '==== 5 passed in <time> (<clock>) ===='],
    ['real\t0m1.234s', 'real\t<time>'],
    ['took 3 ms, then 3µs, then 1.5 seconds', 'took <time>, then <time>, then <time>'],
    ['2026-11-21 01:16:53,123 INFO', '<date> INFO'],
    ['2026-11-21T01:16:53.1Z x', '<date> x'],
    ['2026/11/21 and 2026-11-21 01:16 +0100', '<date> and <date>'],
    ['at 12:30:45.250 sharp', 'at <clock> sharp'],
    ['Date:   Sat Nov 21 01:16:53 2026 +0000', 'Date:   <date>'],
    ['Sat Nov 21 01:16:53 UTC 2026', '<date>'],
    ['drwxr-xr-x 2 root root 4096 Nov 21 01:12 .ci', 'drwxr-xr-x 2 root root 4096 <date> .ci'],
    ['-rw-r--r-- 1 r r 433 Jan  2  2024 f', '-rw-r--r-- 1 r r 433 <date> f'],
    ['<object at 0x7f3a12345678>', '<object at <addr>>'],
    ['pid 123, PID: 42, ppid=99, process 77 died', 'pid <pid>, PID: <pid>, ppid=<pid>, process <pid> died'],
    ['[1] 12345\n[2] 99', '[1] <pid>\n[2] <pid>'],
    ['commit 3f7f12c10bf763be1e6dbdeb42feb57624121f61', 'commit <commit>'],
    ['[main 1a2b3c4] why\nHEAD is now at 1a2b3c4 x', '[main <commit>] why\nHEAD is now at <commit> x'],
    ['12345678-1234-1234-1234-123456789abc', '<uuid>'],
    ['/tmp/tmpab12cd_3/x /tmp/tmp.Ab12Cd34Ef', '/tmp/<tmp>/x /tmp/<tmp>'],
    ['/tmp/pytest-of-root/pytest-12/test_a0', '/tmp/pytest-of-root/pytest-<n>/test_a0'],
    ['/testbed/src/a.py and file /testbed: no', '$REPO/src/a.py and file $REPO: no'],
    ['/workspace/dask__dask__2023.6/x', '$REPO/x'],
    ['\u001B[31mred\u001B[0m \u001B]0;title\u0007text', 'red text'],
    ['10%\r20%\rdone\r\nnext\r\n', 'done\nnext'],
    ['x  \n y \t\n\n', 'x\n y'],
  ])('%j', (before, after) => {
    expect(normalObservation(before)).toBe(after)
  })
})

describe('what an action produced stays', () => {
  it.each([
    '     12\treturn 3',
    'a.py:12:34: error',
    'version v1.2.3, 0xff, 3 s left, 1,024 files',
    'index 83db48f..bf2a1c8 100644',
    '/tmp/test.py /workspace/a.py /workspace/__init__.py /testbed2/x ~/testbed',
    'line 5 of 12345678 (deadbeef)',
    'Jan 5 apples',
    'a == b === c',
    'äöü €12 😀 1\u00002',
    '',
  ])('%j', (text) => {
    expect(normalObservation(text)).toBe(text)
  })

  it('a lone surrogate does no harm', () => {
    expect(normalObservation('x\uD800y took 0.1s')).toBe('x\uFFFDy took <time>')
  })
})

const FRAGMENTS = [
  ...[
    '5',
    '12',
    '0x',
    '7f3a12345678',
    '0.12',
    's',
    ' ms',
    'm',
    ':',
    '.',
    ',',
    '-',
    '/',
    '2026-11-21',
    '12:30:45',
    'T',
    'Z',
  ],
  ...[
    ' ',
    '\n',
    '\t',
    '\r',
    '\u001B',
    '[',
    '31m',
    ']',
    '\u0007',
    '=====',
    'pid ',
    'PID:',
    'process ',
    '[1] ',
    'Nov ',
    'Sat ',
    ' 2026',
  ],
  ...[
    '/tmp/',
    'tmpab12cd_3',
    'tmp.',
    '/testbed',
    '/workspace/',
    'a__b__1.2',
    '/pytest-of-root/pytest-',
    '1a2b3c4',
    '[main ',
    'commit ',
  ],
  ...[
    '3f7f12c10bf763be1e6dbdeb42feb57624121f61',
    '12345678-1234-1234-1234-123456789abc',
    'word',
    '<time>',
    '$REPO',
    'µ',
    '😀',
    '\u0000',
    '+0100',
    ' UTC',
  ],
]

describe('as a property', () => {
  it('the normal form of a normal form is itself', () => {
    const text = fc.array(
      fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...FRAGMENTS) }, fc.string({ maxLength: 6 })),
      { maxLength: 24 },
    )
    fc.assert(
      fc.property(text, (parts) => {
        const once = normalObservation(parts.join(''))
        expect(normalObservation(once)).toBe(once)
      }),
      { numRuns: 5000 },
    )
  })

  it('a text longer than every buffer comes through whole', () => {
    const line = 'the quick brown fox took 0.12s\n'
    const text = line.repeat(400_000)
    expect(normalObservation(text)).toBe('the quick brown fox took <time>\n'.repeat(400_000).trimEnd())
  })
})
