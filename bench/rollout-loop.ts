import { createScriptedPolicy } from '../src/policy/scripted.ts'
import { textFormat } from '../src/rollout/call-format/text-format.ts'
import { DEFAULT_ROLLOUT_LIMITS } from '../src/rollout/limits.ts'
import { createOpenHandsProfile } from '../src/rollout/openhands-profile.ts'
import { runRollout } from '../src/rollout/rollout.ts'
import { createStuckWatch } from '../src/rollout/stuck-watch.ts'
import type { Sandbox, ShellResult } from '../src/sandbox/sandbox.ts'
import { plainTask } from '../test/tasks/plain-task.ts'
import { type Percentiles, percentiles } from './percentiles.ts'

/** What a Step costs beyond model and command. */
export interface RolloutLoopFigures {
  readonly steps: number
  /** Milliseconds of a Step that belong to neither policy nor command. */
  readonly stepOverheadMs: Percentiles
  /** The same over the last tenth of long rollouts: grows if work grows with the history. */
  readonly lateStepOverheadMs: Percentiles
}

const TASK = plainTask({ id: 'bench', statement: 'Find out what core.py says.' })

const TURNS = 200
const ROLLOUTS = 20

/** Rollouts of 200 Steps with a scripted policy and a scripted Sandbox in this process, outputs of 8 kB. */
export async function measureLoop(): Promise<RolloutLoopFigures> {
  const all: number[] = []
  const late: number[] = []
  await oneRollout(() => undefined)
  for (let rollout = 0; rollout < ROLLOUTS; rollout++)
    await oneRollout((t, ms) => {
      all.push(ms)
      if (t > TURNS * 0.9) late.push(ms)
    })
  return { steps: all.length, stepOverheadMs: percentiles(all), lateStepOverheadMs: percentiles(late) }
}

async function oneRollout(measured: (t: number, overheadMs: number) => void): Promise<void> {
  const sandbox = answeringSandbox()
  const { signal } = new AbortController()
  await runRollout(
    {
      task: TASK,
      policy: createScriptedPolicy((_, { turn }) =>
        turn === TURNS - 1
          ? call('finish', 'message', 'Done.')
          : call('execute_bash', 'command', `sed -n ${turn}p core.py`),
      ),
      sandbox: () => Promise.resolve(sandbox),
      profile: createOpenHandsProfile(textFormat),
      limits: { ...DEFAULT_ROLLOUT_LIMITS, turns: TURNS, contextTokens: 10_000_000 },
      sampling: {},
      stuck: createStuckWatch(),
      control: { signal, gate: () => undefined, takeNudge: () => undefined },
    },
    (event) => {
      if (event.type === 'step') measured(event.t, event.timing.overheadMs)
    },
  )
}

/** Answers every command at once with the same 8 kB. */
function answeringSandbox(): Sandbox {
  const output = 'a line of output that a command printed, about as long as usual\n'.repeat(125)
  const result: ShellResult = {
    end: 'exit',
    output,
    bytes: output.length,
    exitCode: 0,
    cwd: TASK.environment.workdir,
    durationMs: 0,
  }
  return {
    kind: 'scripted',
    id: 'bench',
    workdir: TASK.environment.workdir,
    shell: () =>
      Promise.resolve({
        busy: false,
        run: () => Promise.resolve(result),
        input: () => Promise.resolve(result),
        interrupt: () => Promise.resolve({ lost: false }),
      }),
    exec: () => Promise.resolve({ ...result, timedOut: false, outOfMemory: false }),
    readFile: () => Promise.resolve(undefined),
    writeFile: () => Promise.resolve(),
    snapshot: () => Promise.resolve({ kind: 'scripted', reference: '', remove: () => Promise.resolve() }),
    attachCommand: () => [],
    close: () => Promise.resolve(),
  }
}

function call(name: string, key: string, value: string): string {
  return `I go on with the task.\n<function=${name}>\n<parameter=${key}>${value}</parameter>\n</function>`
}
