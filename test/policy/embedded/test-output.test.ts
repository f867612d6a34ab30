import { describe, expect, test } from 'vitest'
import { readTestOutput } from '../../../src/policy/embedded/test-output.ts'

const TAP = `TAP version 13
# Subtest: peek gives the last item
not ok 1 - peek gives the last item
  ---
  duration_ms: 2.073637
  location: '/tmp/pk/test/stack.test.js:4:1'
  failureType: 'testCodeFailure'
  error: |-
    Expected values to be strictly equal:
    
    undefined !== 2
    
  code: 'ERR_ASSERTION'
  expected: 2
  operator: 'strictEqual'
  stack: |-
    Stack.peek (file:///tmp/pk/src/stack.js:5:24)
    TestContext.<anonymous> (file:///tmp/pk/test/stack.test.js:6:10)
    Test.runInAsyncScope (node:async_hooks:206:9)
  ...
# Subtest: group
    # Subtest: adds \\# deep
    ok 1 - adds \\# deep
      ---
      duration_ms: 0.1
      ...
    1..1
ok 2 - group
  ---
  duration_ms: 3.989998
  type: 'suite'
  ...
1..2
# tests 2
# pass 1
`

describe('TAP', () => {
  test('each test with its failure; suites, durations and frames of Node are left out', () => {
    expect(readTestOutput(TAP, 1)).toEqual({
      crashed: false,
      tests: [
        {
          name: 'peek gives the last item',
          passed: false,
          message: 'Expected values to be strictly equal:\n\nundefined !== 2',
          expected: '2',
          actual: '',
          frames: [
            { path: '/tmp/pk/src/stack.js', line: 5, name: 'Stack.peek' },
            { path: '/tmp/pk/test/stack.test.js', line: 6, name: 'TestContext.<anonymous>' },
          ],
        },
        { name: 'adds # deep', passed: true, message: '', expected: '', actual: '', frames: [] },
      ],
    })
  })

  test('tests that passed before the program was ended do not make it pass', () => {
    const { tests, crashed } = readTestOutput('TAP version 13\nok 1 - a\n', 124)
    expect(crashed).toBe(true)
    expect(tests.map(({ name, passed }) => [name, passed])).toEqual([
      ['a', true],
      ['program', false],
    ])
  })

  test('a block that is cut off hides nothing behind it', () => {
    const cut = 'TAP version 13\nnot ok 1 - a\n  ---\n  error: x\nok 2 - b\n'
    expect(readTestOutput(cut, 1).tests.map(({ name, passed }) => [name, passed])).toEqual([
      ['a', false],
      ['b', true],
    ])
  })
})

test('the spec form tells the same', () => {
  const spec = `✔ push works (0.164264ms)
▶ group
  ✖ boom (0.125006ms)
✖ group (3.768909ms)
ℹ tests 2

✖ failing tests:

test at test/stack.test.js:11:3
✖ boom (0.125006ms)
  TypeError: Cannot read properties of null (reading 'x')
      at Stack.boom (file:///tmp/pk/src/stack.js:5:24) {
    actual: 1,
    expected: 2,
  }
`
  expect(readTestOutput(spec, 1).tests).toEqual([
    { name: 'push works', passed: true, message: '', expected: '', actual: '', frames: [] },
    {
      name: 'boom',
      passed: false,
      message: "TypeError: Cannot read properties of null (reading 'x')",
      expected: '2',
      actual: '1',
      frames: [{ path: '/tmp/pk/src/stack.js', line: 5, name: 'Stack.boom' }],
    },
  ])
})

describe('a plain program', () => {
  test('console.assert prints and goes on: each failure counts', () => {
    const { tests } = readTestOutput(
      'Assertion failed\nAssertion failed: small\n[Command finished with exit code 0]',
      0,
    )
    expect(tests.map(({ name, passed }) => [name, passed])).toEqual([
      ['assertion 1', false],
      ['assertion 2', false],
    ])
  })

  test('silence and exit code 0 pass', () => {
    expect(readTestOutput('', 0)).toMatchObject({ crashed: false, tests: [{ name: 'program', passed: true }] })
  })

  test('an exception fails with its message and the place; a file that cannot be loaded crashed', () => {
    const thrown = `/workspace/a.js:3
TypeError: x is not a function
    at add (/workspace/a.js:3:9)
    at Object.<anonymous> (/workspace/a.js:9:1)
`
    expect(readTestOutput(thrown, 1)).toMatchObject({
      crashed: false,
      tests: [
        {
          passed: false,
          message: 'TypeError: x is not a function',
          frames: [
            { path: '/workspace/a.js', line: 3, name: '' },
            { path: '/workspace/a.js', line: 3, name: 'add' },
            { path: '/workspace/a.js', line: 9, name: 'Object.<anonymous>' },
          ],
        },
      ],
    })
    expect(readTestOutput('SyntaxError: Unexpected token', 1).crashed).toBe(true)
  })
})
