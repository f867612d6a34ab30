import type { Message } from '../../src/domain/message.ts'
import type { TaskDefinition } from '../../src/domain/task.ts'
import type { StepDraft } from '../../src/domain/trajectory.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { createScriptedPolicy, type Script } from '../../src/policy/scripted.ts'
import { textFormat } from '../../src/rollout/call-format/text-format.ts'
import type { RolloutEnd, RolloutEvent } from '../../src/rollout/events.ts'
import { DEFAULT_ROLLOUT_LIMITS, type RolloutLimits } from '../../src/rollout/limits.ts'
import { createOpenHandsProfile } from '../../src/rollout/openhands-profile.ts'
import type { Profile } from '../../src/rollout/profile.ts'
import type { Prefix, RolloutControl } from '../../src/rollout/rollout-parts.ts'
import { runRollout } from '../../src/rollout/rollout.ts'
import { createStuckWatch } from '../../src/rollout/stuck-watch.ts'
import type { StuckWatch } from '../../src/rollout/stuck.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { plainTask } from '../tasks/plain-task.ts'
import { localSandbox } from './loop-sandbox.ts'

/** A folder Task whose working folder is `/testbed`. */
export function taskOf(files: Record<string, string> = {}, rest: Partial<TaskDefinition> = {}): TaskDefinition {
  return plainTask({
    id: 'adder',
    statement: 'add(a, b) in core.py returns the wrong number. Fix it.',
    environment: { workdir: '/testbed', files, setup: [], network: false, variables: {} },
    ...rest,
  })
}

export const ADDER = { 'core.py': 'def add(a, b):\n    return a - b\n' }

/** A call in text form, cut where the stop text cuts it. */
export function textCall(name: string, args: Record<string, string>, thought = `I call ${name}.`): string {
  const parameters = Object.entries(args).map(([key, value]) => `<parameter=${key}>${value}</parameter>\n`)
  return `${thought}\n<function=${name}>\n${parameters.join('')}`
}

export const bash = (command: string, thought?: string): string => textCall('execute_bash', { command }, thought)
export const FINISH = textCall('finish', { message: 'Done.' })

export interface RunOptions {
  readonly script?: Script
  readonly policy?: Policy
  readonly task?: TaskDefinition
  readonly profile?: Profile
  readonly limits?: Partial<RolloutLimits>
  readonly sandbox?: () => Promise<Sandbox>
  readonly stuck?: StuckWatch
  readonly prefix?: Prefix
  readonly control?: Partial<RolloutControl>
  readonly hear?: (event: RolloutEvent) => void | Promise<void>
}

export interface Run extends RolloutEnd {
  readonly events: readonly RolloutEvent[]
  /** As a store would hold them: an amended Step replaces the one before. */
  readonly steps: readonly StepDraft[]
  readonly prompt: readonly Message[]
}

/** Runs a rollout to its end and keeps what it told. */
export async function rollOut(options: RunOptions): Promise<Run> {
  const task = options.task ?? taskOf(ADDER)
  const events: RolloutEvent[] = []
  const steps: StepDraft[] = []
  let prompt: readonly Message[] = []
  const end = await runRollout(
    {
      task,
      policy: options.policy ?? createScriptedPolicy(options.script ?? []),
      sandbox: options.sandbox ?? (() => localSandbox(task.environment.files)),
      profile: options.profile ?? createOpenHandsProfile(textFormat),
      limits: { ...DEFAULT_ROLLOUT_LIMITS, ...options.limits },
      sampling: {},
      stuck: options.stuck ?? createStuckWatch(),
      ...(options.prefix === undefined ? {} : { prefix: options.prefix }),
      control: {
        signal: new AbortController().signal,
        gate: () => undefined,
        takeNudge: () => undefined,
        ...options.control,
      },
    },
    async (event) => {
      events.push(event)
      if (event.type === 'prompt') prompt = event.prompt
      if (event.type === 'step') steps[event.t - 1] = event.step
      await options.hear?.(event)
    },
  )
  return { ...end, events, steps, prompt }
}

/** The events of one type, in order. */
export function eventsOf<Type extends RolloutEvent['type']>(
  { events }: Run,
  type: Type,
): Extract<RolloutEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<RolloutEvent, { type: Type }> => event.type === type)
}

/** The texts the environment answered a Step with. */
export function answers(step: StepDraft | undefined): readonly string[] {
  return step?.observation.map(({ content }) => content) ?? []
}
