import { describe, expect, test } from 'vitest'
import { changesNoCode, isTestFile } from '../../src/evaluation/code-files.ts'
import { failureSigns, invalidCall } from '../../src/evaluation/failure-signs.ts'
import { rolloutFacts } from '../../src/evaluation/rollout-facts.ts'
import { edit, evidence, malformed, talk, textCall } from './trajectories.ts'

describe('no code changed', () => {
  test.each([
    'test/sum.test.js',
    'tests/test_core.py',
    'src/test/java/app/SumTest.java',
    'pkg/sum_test.go',
    'astropy/io/tests/test_ascii.py',
    'conftest.py',
    'lib/__tests__/sum.js',
    'src/sum.spec.ts',
    'JavaScript/test.js',
  ])('%s is a test', (path) => {
    expect(isTestFile(path)).toBe(true)
  })

  test.each([
    'src/sum.js',
    'django/test/client.py',
    'JavaScript__12.js',
    'Python__3.py',
    'src/contest.py',
    'src/latest.js',
    'reproduce.py',
    'numpy/testing/utils.py',
    'src/attestation/sign.js',
  ])('%s is code', (path) => {
    expect(isTestFile(path)).toBe(false)
  })

  test('is said of no patch and of one that touches tests alone', () => {
    expect(changesNoCode([])).toBe(true)
    expect(changesNoCode(['test/sum.test.js'])).toBe(true)
    expect(changesNoCode(['test/sum.test.js', 'src/sum.js'])).toBe(false)
  })
})

describe('an invalid call', () => {
  test.each([
    [malformed('The call could not be read: the tag `<function=` is not closed by `>`.'), 'malformed call'],
    [malformed('Function "open" does not exist. Available functions: `execute_bash`.'), 'unknown tool'],
    [
      malformed('Missing required parameter `path` (string) of function `str_replace_editor`.'),
      'wrong or missing parameter',
    ],
    [
      malformed('Parameter "file" is not allowed for function `str_replace_editor`. Allowed: `path`.'),
      'wrong or missing parameter',
    ],
    [edit('ERROR:\nParameter `old_str` is required for command: str_replace.'), 'wrong or missing parameter'],
    [edit('ERROR:\nInvalid `view_range` parameter: [0, 5]. Its first element …'), 'wrong or missing parameter'],
  ])('is seen (%#)', (step, says) => {
    expect(invalidCall(step)).toBe(says)
  })

  test.each([
    [edit('ERROR:\nInvalid `path` parameter: /workspace/b.js. There is nothing at this path.')],
    [edit('ERROR:\nNo replacement was performed: the text is not in the file.')],
    [edit('The file /workspace/a.js has been edited.')],
    [textCall('node x.js', 'ERROR: Parameter `x` of the program is required\n[exit code 1]')],
    [talk('I think about the parameter.')],
  ])('is not a mistake about the repository, nor what a program prints (%#)', (step) => {
    expect(invalidCall(step)).toBeUndefined()
  })
})

describe('signs of failure', () => {
  test('talking instead of acting, and text behind a call, with the step where each shows first', () => {
    const steps = [textCall('ls'), talk('I would now …'), textCall('cat', 'x', '\nThen I fix it.'), talk('So I …')]
    expect(failureSigns(steps, undefined)).toEqual([
      { kind: 'instruction', step: 2, says: 'talks instead of acting' },
      { kind: 'instruction', step: 3, says: 'text after the call' },
    ])
  })

  test('repeating the last message instead of calling finish', () => {
    const steps = [textCall('ls'), talk('Other words.'), talk('All is fixed.'), talk('All is fixed. ')]
    expect(failureSigns(steps, undefined)).toContainEqual({
      kind: 'instruction',
      step: 3,
      says: 'repeats its message and never calls finish',
    })
    expect(failureSigns([talk('a'), talk('a'), textCall('finish')], undefined)).toHaveLength(1)
  })

  test('a closing wrapper is no text behind the call', () => {
    expect(failureSigns([textCall('ls', 'x', '\n</tool_call>\n')], undefined)).toEqual([])
  })

  test('come in order of steps, loops with what they are', () => {
    const steps = [textCall('ls'), textCall('ls'), textCall('ls'), malformed('The call could not be read.')]
    expect(failureSigns(steps, { from: 1, says: 'the same action ×3' })).toEqual([
      { kind: 'loop', step: 1, says: 'the same action ×3' },
      { kind: 'tool', step: 4, says: 'malformed call' },
    ])
  })
})

test('a rollout is measured by its steps, its patch and its end', () => {
  const steps = [
    textCall('ls'),
    malformed('…'),
    malformed('…'),
    edit('ERROR:\nParameter `old_str` is required for command: str_replace.'),
  ]
  expect(rolloutFacts(evidence({ steps, changed: ['test/a.test.js'], end: 'turn-limit' }))).toEqual({
    rollout: 1,
    trajectory: 11,
    task: 'sum',
    run: '1',
    outcome: 'unresolved',
    end: 'turn-limit',
    emptyPatch: true,
    stuck: false,
    invalidCalls: 3,
    turns: 4,
    tokens: 1000,
    signs: [
      { kind: 'tool', step: 2, says: 'malformed call' },
      { kind: 'tool', step: 4, says: 'wrong or missing parameter' },
    ],
  })
})
