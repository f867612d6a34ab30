import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { callsOf, observationText, type StepDraft, type TrajectoryDraft } from '../../src/domain/trajectory.ts'
import { miniSweAgent } from '../../src/importers/mini-swe-agent.ts'
import { createReplayPolicy } from '../../src/policy/replay.ts'
import { nativeFormat } from '../../src/rollout/call-format/native-format.ts'
import { createOpenHandsProfile } from '../../src/rollout/openhands-profile.ts'
import { createStuckWatch } from '../../src/rollout/stuck-watch.ts'
import type { StuckDetection } from '../../src/rollout/stuck.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { DATA, draftsOf, filesBelow, haveData, NEEDS_DATA } from '../importers/source-files.ts'
import { eventsOf, rollOut } from './loop-runs.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

const FOLDER = join(DATA, 'mini-swe-agent-dev-x4', 'output')

/** The command of a recorded Step; '' where it had none. */
function commandOf(step: StepDraft): string {
  const given = callsOf(step)[0]?.arguments
  return typeof given === 'object' && typeof given['command'] === 'string' ? given['command'].trim() : ''
}

/** A recorded Step as a native call of our shell tool. */
function asNative(step: StepDraft, index: number): StepDraft {
  const { content } = step.reply
  const command = commandOf(step)
  if (command === '') return { reply: { role: 'assistant', content }, observation: [] }
  const call = { id: `call_${index}`, name: 'execute_bash', arguments: { command } }
  return { reply: { role: 'assistant', content, toolCalls: [call] }, observation: [] }
}

/** Answers every command with what it printed when it was recorded; the same command again with what it printed then. */
function recordedSandbox(steps: readonly StepDraft[]): Sandbox {
  const answers = Map.groupBy(steps, commandOf)
  const asked = new Map<string, number>()
  const run = (command: string) => {
    const turn = asked.get(command) ?? 0
    asked.set(command, turn + 1)
    const step = answers.get(command)?.[turn]
    if (step === undefined) throw new Error(`never recorded: ${command}`)
    const output = observationText(step)
    const exitCode = step.exitCode ?? 0
    return Promise.resolve({
      end: 'exit' as const,
      output,
      bytes: output.length,
      exitCode,
      cwd: '/testbed',
      durationMs: 1,
    })
  }
  const shell = { busy: false, run, input: () => run(''), interrupt: () => Promise.resolve({ lost: false }) }
  return {
    kind: 'scripted',
    id: 'recorded',
    workdir: '/testbed',
    shell: () => Promise.resolve(shell),
    exec: () => Promise.reject(new Error('no exec')),
    readFile: () => Promise.resolve(undefined),
    writeFile: () => Promise.resolve(),
    snapshot: () => Promise.reject(new Error('no snapshot')),
    attachCommand: () => [],
    close: () => Promise.resolve(),
  }
}

async function again(draft: TrajectoryDraft) {
  const steps = draft.steps.map(asNative)
  const run = await rollOut({
    policy: createReplayPolicy(steps),
    profile: createOpenHandsProfile(nativeFormat),
    sandbox: () => Promise.resolve(recordedSandbox(draft.steps)),
    stuck: createStuckWatch('sealign', { upTo: 'flag' }),
    limits: { turns: Math.max(1, steps.length), contextTokens: 100_000_000, messages: 1000 },
  })
  return { run, steps }
}

/** What the detector finds in a record, Step by Step. */
function loopsOf(steps: readonly StepDraft[]) {
  const watch = createStuckWatch('sealign', { upTo: 'flag' })
  return steps.flatMap((step, index) => watch.push(step, index + 1)?.detection ?? [])
}

const place = ({ rule, from, to }: StuckDetection): string => `${rule} ${from}–${to}`

describe.skipIf(!haveData)(`recorded trajectories through the loop${NEEDS_DATA}`, () => {
  test('come out as they went in: replies literal, outputs answered, loops found where the record has them', async () => {
    const drafts = filesBelow(FOLDER, (name) => name.endsWith('.traj.json')).flatMap((path) =>
      draftsOf(miniSweAgent, path),
    )
    const seen = { steps: 0, refused: 0, answered: 0, loops: 0 }
    for (const draft of drafts.filter(({ steps }) => steps.length > 0)) {
      const { run, steps } = await again(draft)
      expect(run.end).toBe('turn-limit')
      expect(run.steps.map(({ reply }) => reply)).toEqual(steps.map(({ reply }) => reply))
      const ran = run.steps.filter(({ exitCode }) => exitCode !== undefined)
      const answered = run.steps.filter((step, index) => {
        const recorded = observationText(draft.steps[index] ?? step).trimEnd()
        return step.exitCode !== undefined && step.observation[0]?.content.startsWith(recorded.slice(0, 15_000))
      })
      expect(answered).toHaveLength(ran.length)
      seen.steps += run.steps.length
      seen.refused += run.steps.length - ran.length
      seen.answered += answered.length
      const ranAll = ({ from, to }: { from: number; to: number }): boolean =>
        run.steps.slice(from - 1, to).every(({ exitCode }) => exitCode !== undefined)
      const loops = loopsOf(draft.steps).filter(ranAll)
      const found = eventsOf(run, 'stuck').map(({ detection }) => detection)
      expect(found.filter(ranAll).map(place)).toEqual(loops.map(place))
      seen.loops += loops.length
    }
    // Refused: several commands in one call, which mini-swe-agent allows.
    expect({ trajectories: drafts.length, ...seen }).toEqual({
      trajectories: 107,
      steps: 8287,
      refused: 766,
      answered: 7521,
      loops: 0,
    })
  }, 120_000)
})
