import { describe, expect, it } from 'vitest'
import type { StepDraft } from '../../src/domain/trajectory.ts'
import { createStuckWatch } from '../../src/rollout/stuck-watch.ts'
import { called, edited, failed, first, ran, said, thinking, times, unreadable, watched } from './stuck-steps.ts'

const other = ran('pwd')

describe('the same call with the same result', () => {
  it('is a loop at the fourth time', () => {
    expect(first(times(3, ran('ls')))).toBe('')
    expect(first([other, ...times(4, ran('ls'))])).toBe('nudged action-observation 2–5')
  })

  it('is one whatever is thought beside it', () => {
    expect(first(['a', 'b', 'c', 'd'].map((thought) => thinking(thought, ran('ls'))))).toBe(
      'nudged action-observation 1–4',
    )
  })

  it('is one when spelling, call ids, times and addresses differ', () => {
    const steps = [
      called('bash', { command: ' pytest ' }, '3 passed in 0.12s'),
      called('execute_bash', { command: 'pytest', security_risk: 'low' }, '3 passed in 0.95s'),
      called('terminal', { command: 'pytest\n' }, '3 passed in 1.01s'),
      called('execute_bash', { command: 'pytest', is_input: 'false' }, '3 passed in 0.11s'),
    ]
    expect(first(steps)).toBe('nudged action-observation 1–4')
  })

  it('is none when results differ, or something else is done in between', () => {
    expect(first(['1', '2', '3', '4', '5'].map((n) => ran('count', n)))).toBe('')
    expect(first([...times(3, ran('ls')), other, ...times(3, ran('ls'))])).toBe('')
  })

  it('goes on through a nudge that stands behind the result', () => {
    const nudged: StepDraft = {
      ...ran('ls'),
      observation: [...ran('ls').observation, { role: 'user', content: 'You repeat yourself.' }],
    }
    expect(first([ran('ls'), ran('ls'), nudged, ran('ls')])).toBe('nudged action-observation 1–4')
  })

  it('is read from results in text form, which are messages of the user', () => {
    const step = (nudge: string): StepDraft => ({
      reply: { role: 'assistant', content: '<function=execute_bash>\n<parameter=command>ls</parameter>\n</function>' },
      calls: [{ name: 'execute_bash', arguments: { command: 'ls' } }],
      observation: [
        { role: 'user', content: 'EXECUTION RESULT of [execute_bash]:\na.py' },
        { role: 'user', content: nudge },
      ],
    })
    expect(first(['a', 'b', 'c', 'd'].map(step))).toBe('nudged action-observation 1–4')
  })
})

describe('the same call that fails', () => {
  it('is a loop at the third time, whatever the error says', () => {
    expect(first([failed('make', 'a'), failed('make', 'b')])).toBe('')
    expect(first([failed('make', 'a'), failed('make', 'b'), failed('make', 'c')])).toBe('nudged action-error 1–3')
  })

  it.each([
    'ERROR:\nNo replacement was performed',
    'Error: no such file',
    'EXECUTION RESULT of [str_replace_editor]:\nERROR:\nInvalid path',
    'something\n[Error occurred in processing last action]',
    'Observation:\nTraceback (most recent call last):\n  File "a.py"',
    `Observation:\n${'-'.repeat(75)}\nKeyError                Traceback (most recent call last)\nCell In[2]`,
    'out\n[The command completed with exit code 2.]\n[Current working directory: /testbed]',
    'out\n[Current working directory: /testbed]\n[Command finished with exit code 127]',
    '<returncode>1</returncode>\n<output>\n</output>',
  ])('counts a tool that answers %j', (answer) => {
    expect(first(times(3, edited('/a.py', answer)))).toBe('nudged action-error 1–3')
  })

  it('does not count a command that succeeds and prints the word ERROR, nor one that still runs', () => {
    expect(first(['a', 'b', 'c'].map((n) => ran('cat log', `ERROR ${n}`, { exitCode: 0 })))).toBe('')
    expect(first(['a', 'b', 'c'].map((n) => ran('make', n, { exitCode: -1 })))).toBe('')
  })

  it('takes the word of the tool itself over its text', () => {
    const watch = createStuckWatch()
    const steps = ['a', 'b', 'c'].map((n) => edited('/a.py', `the file is not there (${n})`))
    expect(steps.map((step, at) => watch.push(step, at + 1, { failed: true })?.effect)).toEqual([
      undefined,
      undefined,
      'nudged',
    ])
  })

  it('begins anew after a success, and with another call', () => {
    expect(first([...times(2, failed('make')), ran('make'), ...times(2, failed('make'))])).toBe('')
    expect(first([failed('make a'), failed('make b'), failed('make c'), failed('make d')])).toBe('')
  })
})

describe('replies without a call', () => {
  it('are a loop when three in a row cannot be read, equal or not', () => {
    expect(first(['a', 'b'].map(unreadable))).toBe('')
    expect(first(['a', 'b', 'c'].map(unreadable))).toBe('nudged malformed 1–3')
    expect(first([unreadable('a'), unreadable('b'), other, unreadable('c')])).toBe('')
  })

  it('are a loop when three say the same, however they are answered', () => {
    expect(first([said('Done.', 'Go on.'), said('Done. ', 'Go on!'), said('Done.', 'You may give up.')])).toBe(
      'nudged message 1–3',
    )
    expect(first(times(3, said('')))).toBe('nudged message 1–3')
  })

  it('are a conversation when they differ', () => {
    expect(first(['Which seat?', 'Which meal?', 'Which day?', 'Thank you.'].map((text) => said(text)))).toBe('')
  })
})

describe('a cycle of actions', () => {
  const letters = (text: string): StepDraft[] => text.split('').map((letter) => ran(letter))

  it.each([
    ['ababab', 2],
    ['abcabcabc', 3],
    ['abacabacabac', 4],
    ['abcdeabcdeabcde', 5],
  ])('%s is one of period %i at its third round', (text, period) => {
    const reports = watched(letters(`xy${text}`))
    expect(reports.slice(0, -1).every((report) => report === undefined)).toBe(true)
    expect(reports.at(-1)?.detection).toMatchObject({
      rule: 'cycle',
      from: 3,
      to: text.length + 2,
      period,
      repeats: 3,
    })
  })

  it('of six actions is none, nor one whose results differ', () => {
    expect(first(letters('abcdef'.repeat(4)))).toBe('')
    const numbered = letters('ab'.repeat(6)).map((_, at) => ran('ab'.charAt(at % 2), String(at)))
    expect(first(numbered)).toBe('')
  })

  it('may hold messages and malformed replies', () => {
    expect(first(times(3, unreadable('x'), ran('ls')))).toBe('nudged cycle 1–6')
    expect(first(times(3, said('Done.', 'a'), ran('ls')))).toBe('nudged cycle 1–6')
  })

  it('does not stand for one action again and again', () => {
    expect(first(times(20, ran('ls')), 'sealign', { rules: { 'action-observation': false } })).toBe('')
  })

  it('is told in whole rounds', () => {
    const reports = watched(letters('ababababa'))
    expect(reports.map((report) => report && [report.detection.from, report.detection.repeats])).toEqual([
      ...Array.from({ length: 5 }, () => undefined),
      [1, 3],
      [2, 3],
      [1, 4],
      [2, 4],
    ])
    expect(reports.at(5)?.detection.says).toBe('execute_bash → execute_bash ×3')
  })
})

describe('a reply that chants', () => {
  const chant = 'I should look at the file again and then decide what to do. '.repeat(60)

  it('is found in its text and in its reasoning', () => {
    expect(first([thinking(chant, ran('ls'))])).toBe('nudged chanting 1–1')
    const step = ran('ls')
    expect(first([{ ...step, reply: { ...step.reply, reasoning: chant } }])).toBe('nudged chanting 1–1')
    expect(watched([said(chant)])[0]?.detection.says).toContain('chanting “')
  })

  it('is a loop when the next one chants too', () => {
    expect(watched([said(chant), said(`${chant}!`)]).map((report) => report?.effect)).toEqual(['nudged', 'stopped'])
  })
})

describe('what is no loop', () => {
  it('waits with empty commands until the tenth time', () => {
    const waiting = (n: number): StepDraft[] =>
      times(n, called('execute_bash', { command: '', is_input: 'true' }, 'running', { exitCode: -1 }))
    expect(first(waiting(9))).toBe('')
    expect(first(waiting(10))).toBe('nudged action-observation 1–10')
  })

  it('waits with sleep, alone, before a look, and with a look in turn', () => {
    expect(first(times(9, ran('sleep 30', '', { exitCode: 0 })))).toBe('')
    expect(first(times(9, failed('sleep 5 && curl localhost:8000')))).toBe('')
    expect(first(times(9, ran('sleep 30'), ran('tail log')))).toBe('')
    expect(first(times(10, ran('sleep 30'), ran('tail log')))).toBe('nudged cycle 1–20')
    expect(first(times(4, ran('sleepy')))).toBe('nudged action-observation 1–4')
  })

  it('but an empty command with nothing running is refused, and counts as failing', () => {
    expect(first(times(3, ran('', 'ERROR: No previous running command to retrieve logs from.')))).toBe(
      'nudged action-error 1–3',
    )
  })

  it.each([
    'AgentRuntimeUnavailableError: the runtime was disconnected',
    'Error response from daemon: No such container: 1f',
    'ERROR: 503 Service Unavailable',
  ])('is the machinery failing: %s', (text) => {
    expect(first(times(12, ran('ls', text)))).toBe('')
    expect(first([...times(3, ran('ls', 'a')), ran('ls', text), ran('ls', 'a')])).toBe('')
  })

  it('unless a command ran and says so: then it is what the command printed', () => {
    expect(first(times(3, ran('curl x', 'HTTP/1.1 503 Service Unavailable', { exitCode: 22 })))).toBe(
      'nudged action-error 1–3',
    )
  })

  it('is a failure of the machinery that the caller knows of', () => {
    const watch = createStuckWatch()
    const reports = times(8, failed('ls')).map((step, at) => watch.push(step, at + 1, { infrastructure: true }))
    expect(reports.every((report) => report === undefined)).toBe(true)
  })
})
