import { describe, expect, onTestFinished, test } from 'vitest'
import type { WorkspaceStart } from '../../src/rollout/private-git.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { ADDER, bash, eventsOf, FINISH, rollOut, taskOf, textCall, type Run } from './loop-runs.ts'
import { inside, localSandbox, sandboxFor } from './loop-sandbox.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

const SCRIPT = [
  bash('export WORD=kept && cd /tmp && date +%FT%T.%N; ls -l --time-style=full-iso /testbed/core.py'),
  textCall('str_replace_editor', {
    command: 'str_replace',
    path: '/testbed/core.py',
    old_str: 'a - b',
    new_str: 'a + b',
  }),
  'I wonder.',
  bash('echo $WORD in $PWD'),
  FINISH,
]

/** Whether a Step of the prefix was queried again. */
const queries = (run: Run): number => eventsOf(run, 'phase').filter(({ phase }) => phase === 'query').length

describe('a prefix that is replayed', () => {
  test('brings a fresh sandbox to the same state, shell included, and the rollout goes on from there', async () => {
    const first = await rollOut({ script: SCRIPT })
    const run = await rollOut({
      script: SCRIPT,
      prefix: { steps: first.steps.slice(0, 3), from: 'replay', stored: true, prompt: first.prompt },
    })
    expect(run.end).toBe('finished')
    expect(queries(run)).toBe(2)
    expect(eventsOf(run, 'step').map(({ t }) => t)).toEqual([4, 5])
    expect(run.steps[3]?.observation[0]?.content).toContain('kept in /tmp')
    expect(run.patch).toBe(first.patch)
    expect(eventsOf(run, 'phase').filter(({ phase }) => phase === 'replay')).toHaveLength(3)
  })

  test('is told as Steps of a new Trajectory when it is expanded, letter for letter', async () => {
    const first = await rollOut({ script: SCRIPT })
    const steps = first.steps.slice(0, 2)
    const run = await rollOut({
      script: ({ messages }) => (messages.length > 8 ? FINISH : bash('git -C /testbed diff --stat')),
      prefix: { steps, from: 'replay', stored: false, prompt: first.prompt },
    })
    expect(run.end).toBe('finished')
    expect(run.steps.slice(0, 2)).toEqual(steps)
    expect(eventsOf(run, 'step')[0]?.timing.policyMs).toBe(0)
    expect(run.steps[2]?.observation[0]?.content).toContain('core.py')
  })

  test('counts towards the limits', async () => {
    const first = await rollOut({ script: SCRIPT })
    const run = await rollOut({
      script: SCRIPT,
      limits: { turns: 4 },
      prefix: { steps: first.steps.slice(0, 3), from: 'replay', stored: true },
    })
    expect(run.end).toBe('turn-limit')
    expect(queries(run)).toBe(1)
  })

  test('that finished ends at once', async () => {
    const first = await rollOut({ script: SCRIPT })
    const run = await rollOut({ script: SCRIPT, prefix: { steps: first.steps, from: 'replay', stored: true } })
    expect(run).toMatchObject({ end: 'finished', patch: first.patch })
    expect(queries(run)).toBe(0)
  })

  test('whose rollout had ended when its process died ends in the same way', async () => {
    const messages = await rollOut({ script: ['One.', 'Two.', 'Three.'] })
    const loop = await rollOut({ script: [{ replies: [bash('cat core.py')], repeat: true }] })
    expect([messages.end, loop.end]).toEqual(['gave-up', 'stuck'])
    for (const first of [messages, loop]) {
      const run = await rollOut({ script: [FINISH], prefix: { steps: first.steps, from: 'replay', stored: true } })
      expect(run.end).toBe(first.end)
      expect(queries(run)).toBe(0)
    }
  })

  test('that sees another observation has diverged, and the sentence names the Step; nothing of it is told', async () => {
    const first = await rollOut({ script: [bash('true'), bash('cat core.py'), FINISH] })
    const run = await rollOut({
      script: SCRIPT,
      sandbox: () => localSandbox({ 'core.py': 'something else\n' }),
      prefix: { steps: first.steps.slice(0, 2), from: 'replay', stored: false },
    })
    expect(run.end).toBe('diverged')
    expect(run.infrastructure).toContain('step 2')
    expect(eventsOf(run, 'step')).toEqual([])
    expect(queries(run)).toBe(0)
  })

  test('keeps nudges out of the comparison', async () => {
    const words = ['Go on.']
    const first = await rollOut({ script: SCRIPT, control: { takeNudge: () => words.pop() } })
    expect(first.steps[0]?.observation).toHaveLength(2)
    const run = await rollOut({
      script: SCRIPT,
      prefix: { steps: first.steps.slice(0, 4), from: 'replay', stored: true, prompt: first.prompt },
    })
    expect(run.end).toBe('finished')
  })
})

test('a rollout begins from a snapshot: no Action runs again, the patch is made against the first start', async () => {
  let start: WorkspaceStart | undefined
  let sandbox: Sandbox | undefined
  const first = await rollOut({
    script: SCRIPT.slice(0, 3).concat(FINISH),
    sandbox: async () => (sandbox = await localSandbox(ADDER)),
    hear: (event) => {
      if (event.type === 'prompt') ({ start } = event)
    },
  })
  if (start === undefined || sandbox === undefined) throw new Error('the first rollout told no start')
  await inside(sandbox, 'git -c user.name=a -c user.email=a@b commit -qam agent')
  const snapshot = await sandbox.snapshot()
  onTestFinished(() => snapshot.remove())
  const run = await rollOut({
    script: ({ messages }) => (messages.length > 9 ? FINISH : bash('pwd')),
    sandbox: () => sandboxFor(taskOf(), snapshot),
    prefix: { steps: first.steps.slice(0, 3), from: 'snapshot', stored: false, start, directory: '/tmp' },
  })
  expect(run.steps[3]?.observation[0]?.content).toContain('\n/tmp\n')
  expect(run.patch).toBe(first.patch)
  expect(eventsOf(run, 'phase').some(({ phase }) => phase === 'replay')).toBe(false)
})
