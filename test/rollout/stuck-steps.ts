import type { StepDraft } from '../../src/domain/trajectory.ts'
import type { StuckOptions, StuckPolicy, StuckReport } from '../../src/rollout/stuck.ts'
import { createStuckWatch } from '../../src/rollout/stuck-watch.ts'

/** A native call of the shell and what it printed. */
export function ran(command: string, output = `output of ${command}`, rest: Partial<StepDraft> = {}): StepDraft {
  return called('execute_bash', { command }, output, rest)
}

/** A command that failed with exit code 1. */
export function failed(command: string, output = 'no'): StepDraft {
  return ran(command, output, { exitCode: 1 })
}

/** An editor call, whose result has no exit code. */
export function edited(path: string, output: string): StepDraft {
  return called('str_replace_editor', { command: 'view', path }, output)
}

export function called(
  name: string,
  args: Record<string, string>,
  output: string,
  rest: Partial<StepDraft> = {},
): StepDraft {
  return {
    reply: { role: 'assistant', content: '', toolCalls: [{ id: 'c', name, arguments: args }] },
    observation: [{ role: 'tool', content: output, toolCallId: 'c' }],
    ...rest,
  }
}

/** The same Step with other words beside the call. */
export function thinking(thought: string, step: StepDraft): StepDraft {
  return { ...step, reply: { ...step.reply, content: thought } }
}

/** A reply without a call, and the user's automatic answer. */
export function said(content: string, answer = 'Go on.'): StepDraft {
  return { reply: { role: 'assistant', content }, observation: [{ role: 'user', content: answer }] }
}

export function unreadable(content: string): StepDraft {
  return {
    reply: { role: 'assistant', content },
    malformed: 'parameter path is missing',
    observation: [{ role: 'user', content: 'Parameter `path` is required for command: view.' }],
  }
}

/** The list n times over. */
export function times(n: number, ...steps: readonly StepDraft[]): StepDraft[] {
  return Array.from({ length: n }, () => steps).flat()
}

/** What a watch says of each Step in turn. */
export function watched(
  steps: readonly StepDraft[],
  policy: StuckPolicy = 'sealign',
  options: StuckOptions = {},
): (StuckReport | undefined)[] {
  const watch = createStuckWatch(policy, options)
  return steps.map((step, at) => watch.push(step, at + 1))
}

/** The same as short text: `nudged action-error 1–3`, `` where nothing was found. */
export function effects(
  steps: readonly StepDraft[],
  policy: StuckPolicy = 'sealign',
  options: StuckOptions = {},
): string[] {
  return watched(steps, policy, options).map((report) => {
    if (report === undefined) return ''
    const { effect, detection } = report
    return `${effect} ${detection.rule} ${detection.from}–${detection.to}`
  })
}

/** The first thing found, as short text. */
export function first(
  steps: readonly StepDraft[],
  policy: StuckPolicy = 'sealign',
  options: StuckOptions = {},
): string {
  return effects(steps, policy, options).find((effect) => effect !== '') ?? ''
}
