import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StepDraft } from '../../src/domain/trajectory.ts'
import {
  called,
  edited,
  effects,
  failed,
  first,
  ran,
  said,
  thinking,
  times,
  unreadable,
  watched,
} from './stuck-steps.ts'

const V0 = 'openhands-v0'

describe('the rules of OpenHands V0', () => {
  it('stop at once, at four equal calls with equal results', () => {
    expect(effects(times(4, ran('ls')), V0)).toEqual(['', '', '', 'stopped action-observation 1–4'])
  })

  it('compare thoughts', () => {
    expect(
      first(
        ['a', 'b', 'c', 'd', 'e'].map((thought) => thinking(thought, ran('ls'))),
        V0,
      ),
    ).toBe('')
  })

  it('compare the exit code of a command and not what it printed', () => {
    const printed = ['1', '2', '3', '4'].map((output) => ran('date', output, { exitCode: 0 }))
    expect(first(printed, V0)).toBe('stopped action-observation 1–4')
    expect(first(printed)).toBe('')
    const codes = [0, 0, 1, 0].map((exitCode) => ran('date', 'now', { exitCode }))
    expect(first(codes, V0)).toBe('')
  })

  it('compare the whole content where nobody recorded an exit code', () => {
    expect(
      first(
        ['1', '2', '3', '4'].map((output) => ran('date', output)),
        V0,
      ),
    ).toBe('')
  })

  it('call only error events errors: a failing command or editor needs four', () => {
    const error = (text: string): StepDraft => edited('/a', `${text}\n[Error occurred in processing last action]`)
    expect(first([error('a'), error('b'), error('c')], V0)).toBe('stopped action-error 1–3')
    expect(first(times(3, failed('make')), V0)).toBe('')
    expect(first(times(3, edited('/a.py', 'ERROR:\nno')), V0)).toBe('')
    expect(first(times(4, edited('/a.py', 'ERROR:\nno')), V0)).toBe('stopped action-observation 1–4')
  })

  it('see no action in a malformed reply, only its error', () => {
    expect(first(times(30, unreadable('x')), V0)).toBe('')
    // The two queues need not belong together: three equal actions, and errors of replies that were none of them.
    expect(first([...times(3, ran('ls')), ...times(3, unreadable('x'))], V0)).toBe('stopped action-error 1–6')
  })

  it('read the error of a malformed reply from behind the reply before it, where an import put it', () => {
    const error = { role: 'user', content: 'bad call\n[Error occurred in processing last action]' } as const
    const step = ran('ls')
    const last = { ...step, observation: [...step.observation, error, error, error] }
    expect(first([step, step, last], V0)).toBe('stopped action-error 1–3')
    expect(
      first([step, step, { ...step, observation: [...step.observation, { ...error, content: 'go on' }] }], V0),
    ).toBe('')
  })

  it('find three equal messages when nothing was observed in between', () => {
    expect(first(times(3, said('Done.')), V0)).toBe('stopped message 1–3')
    expect(first([said('Done.'), said('Done.'), ran('ls'), said('Done.')], V0)).toBe('')
    expect(first([said('a'), said('b'), said('a')], V0)).toBe('')
  })

  it('find two calls in turn, three times', () => {
    expect(first(times(3, ran('a'), ran('b')), V0)).toBe('stopped cycle 1–6')
    expect(first(times(6, ran('a'), ran('b'), ran('c')), V0)).toBe('')
  })

  it('look at every call of a reply', () => {
    const two: StepDraft = {
      reply: {
        role: 'assistant',
        content: '',
        toolCalls: ['a', 'a'].map((command) => ({ name: 'execute_bash', arguments: { command } })),
      },
      observation: ['x', 'x'].map((content) => ({ role: 'tool', content })),
    }
    expect(first([two, two], V0)).toBe('stopped action-observation 1–2')
  })

  it('compare edits through a cell by their first three lines', () => {
    const edit = (code: string, output: string): StepDraft => called('execute_ipython_cell', { code }, output)
    const long = ['1', '2', '3', '4'].map((n) =>
      edit(`edit_file_by_replace(\n'a.py',\nto_replace='x',\n'${n}')`, 'done'),
    )
    expect(first(long, V0)).toBe('stopped action-observation 1–4')
    expect(first(times(4, edit("edit_file_by_replace('a.py', 'x')", 'done')), V0)).toBe('')
    expect(first(times(4, edit('print(1)', '1')), V0)).toBe('stopped action-observation 1–4')
  })

  it('know three times the same syntax error of a cell', () => {
    const closing = '[Jupyter current working directory: /]\n[Jupyter Python interpreter: /usr/bin/python]'
    const cell = (n: number, error: string, head = 'Cell In[1], line 1'): StepDraft =>
      called('execute_ipython_cell', { code: 'print("' }, `${head}\n${'-'.repeat(n)}\n    ^\n${error}\n${closing}`)
    const unterminated = 'SyntaxError: unterminated string literal (detected at line 1)'
    expect(
      first(
        [1, 2, 3].map((n) => cell(n, unterminated)),
        V0,
      ),
    ).toBe('stopped action-error 1–3')
    expect(
      first(
        [1, 2, 3].map((n) => cell(n, `${unterminated} ${n}`)),
        V0,
      ),
    ).toBe('')
    expect(
      first(
        [1, 2, 3].map((n) => cell(n, 'SyntaxError: incomplete input')),
        V0,
      ),
    ).toBe('stopped action-error 1–3')
    expect(
      first(
        [1, 2, 3].map((n) => cell(n, 'SyntaxError: incomplete input', `In ${n}`)),
        V0,
      ),
    ).toBe('')
    expect(
      first(
        [1, 2, 3].map((n) => cell(n, 'NameError: x')),
        V0,
      ),
    ).toBe('')
  })

  it('can be switched off one by one', () => {
    const rules = { 'action-observation': false, cycle: false }
    expect(first(times(30, ran('ls')), V0, { rules })).toBe('')
    expect(first(times(3, said('Done.')), V0, { rules })).toBe('stopped message 1–3')
  })
})

/** One Step as letters: what was done and what came of it. */
type Did = readonly [kind: 'call' | 'error' | 'message' | 'malformed', action: string, output: string]

const did = fc.tuple(
  fc.constantFrom('call' as const, 'call' as const, 'error' as const, 'message' as const, 'malformed' as const),
  fc.constantFrom('a', 'b'),
  fc.constantFrom('x', 'x', 'x', 'y'),
)
/** Repetitive on purpose: pieces of up to three Steps, each piece up to five times. */
const history = fc
  .array(fc.tuple(fc.array(did, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 5 })), { maxLength: 5 })
  .map((pieces) => pieces.flatMap(([steps, n]) => Array.from({ length: n }, () => steps).flat()))

function stepOf([kind, action, output]: Did): StepDraft {
  if (kind === 'message') return said(action, output)
  if (kind === 'malformed') return unreadable(action)
  return kind === 'call'
    ? edited(action, output)
    : edited(action, `${output}\n[Error occurred in processing last action]`)
}

interface Event {
  readonly is: 'action' | 'message' | 'observation' | 'error'
  readonly key: string
}

/** What V0's history holds of these Steps, user messages left out. */
function eventsOf(steps: readonly Did[]): Event[] {
  return steps.flatMap(([kind, action, output]): Event[] => {
    if (kind === 'message') return [{ is: 'message', key: `m${action}` }]
    if (kind === 'malformed') return [{ is: 'error', key: 'malformed' }]
    return [
      { is: 'action', key: `c${action}` },
      { is: kind === 'error' ? 'error' : 'observation', key: `${kind}${output}` },
    ]
  })
}

/** The rules read off the history from its end each time, as the original does. */
function rescan(events: readonly Event[]): string {
  const isAction = ({ is }: Event) => is === 'action' || is === 'message'
  const actions = events.filter(isAction).reverse()
  const observations = events.filter((event) => !isAction(event)).reverse()
  const same = (list: readonly Event[], n: number) =>
    list.length >= n && list.slice(0, n).every(({ key }) => key === list[0]?.key)
  if (same(actions, 4) && same(observations, 4)) return 'action-observation'
  const errors = observations.slice(0, 3)
  if (same(actions, 3) && errors.length === 3 && errors.every(({ is }) => is === 'error')) return 'action-error'
  const messages = events.flatMap((event, at) => (event.is === 'message' ? [{ ...event, at }] : [])).slice(-3)
  const [one, , three] = messages
  if (one && three && messages.every(({ key }) => key === one.key)) {
    if (events.slice(one.at, three.at).every(isAction)) return 'message'
  }
  const alternate = (list: readonly Event[]) =>
    list.length >= 6 && [0, 1, 2, 3].every((at) => list[at]?.key === list[at + 2]?.key)
  return alternate(actions) && alternate(observations) ? 'cycle' : ''
}

describe('the queues kept Step by Step', () => {
  it('find what the whole history read again would give', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(history, (steps) => {
        const expected = steps.map((_, at) => rescan(eventsOf(steps.slice(0, at + 1))))
        for (const rule of expected) seen.set(rule, (seen.get(rule) ?? 0) + 1)
        const found = watched(steps.map(stepOf), V0).map((report) => report !== undefined)
        expect(found).toEqual(expected.map((rule) => rule !== ''))
        const rules = watched(steps.map(stepOf), V0).map((report) => report?.detection.rule ?? '')
        expect(rules).toEqual(expected)
      }),
      { numRuns: 500 },
    )
    expect([...seen.keys()].sort()).toEqual(['', 'action-error', 'action-observation', 'cycle', 'message'])
  })
})
