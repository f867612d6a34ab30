import type { StepDraft } from '../../src/domain/trajectory.ts'
import type { RolloutEvidence, RolloutFacts } from '../../src/evaluation/rollout-facts.ts'

/** A reply that calls a tool in the text form; `behind` stands after the call. */
export function textCall(command: string, result = 'done', behind = ''): StepDraft {
  return {
    reply: {
      role: 'assistant',
      content: `I look.\n<function=execute_bash>\n<parameter=command>${command}</parameter>\n</function>${behind}`,
    },
    calls: [{ name: 'execute_bash', arguments: { command } }],
    thought: 'I look.',
    observation: [{ role: 'user', content: `EXECUTION RESULT of [execute_bash]:\n${result}` }],
  }
}

/** An edit that the editor answers. */
export function edit(result: string): StepDraft {
  return {
    reply: { role: 'assistant', content: '<function=str_replace_editor>…</function>' },
    calls: [{ name: 'str_replace_editor', arguments: { command: 'str_replace', path: '/workspace/a.js' } }],
    thought: '',
    observation: [{ role: 'user', content: `EXECUTION RESULT of [str_replace_editor]:\n${result}` }],
  }
}

/** A reply without a call. */
export function talk(content: string): StepDraft {
  return { reply: { role: 'assistant', content }, observation: [{ role: 'user', content: 'Go on.' }] }
}

/** A reply whose call could not be read. */
export function malformed(reason: string, content = '<function=bash'): StepDraft {
  return {
    reply: { role: 'assistant', content },
    malformed: reason,
    observation: [{ role: 'user', content: `ERROR:\n${reason}` }],
  }
}

/** What is stored of an unresolved rollout without a sign. */
export function evidence(change: Partial<RolloutEvidence> = {}): RolloutEvidence {
  return {
    rollout: 1,
    trajectory: 11,
    task: 'sum',
    run: '1',
    outcome: 'unresolved',
    end: 'finished',
    tokens: 1000,
    steps: [textCall('ls'), textCall('cat a.js')],
    changed: ['src/a.js'],
    stuck: false,
    loop: undefined,
    ...change,
  }
}

/** A measured rollout, resolved or not. */
export function facts(
  rollout: number,
  task: string,
  resolved: boolean,
  change: Partial<RolloutFacts> = {},
): RolloutFacts {
  return {
    rollout,
    trajectory: rollout + 100,
    task,
    run: '1',
    outcome: resolved ? 'resolved' : 'unresolved',
    end: 'finished',
    emptyPatch: false,
    stuck: false,
    invalidCalls: 0,
    turns: 4,
    tokens: 1000,
    signs: [],
    ...change,
  }
}
