import type { Tool } from '../tool.ts'

/** `finish(message?)`: the Policy says that it is done. Harmless without a message, as models of 2024 call it. */
export function createFinishTool(): Tool {
  return {
    name: 'finish',
    aliases: [],
    definition: {
      name: 'finish',
      description:
        'Ends the task. Call it when the task is solved and checked, or when you are sure that you cannot get any further.',
      parameters: {
        type: 'object',
        properties: {
          message: { type: 'string', description: 'What you did and what the result is, in a few sentences.' },
        },
        required: [],
      },
    },
    ignored: ['task_completed', 'final_thought', 'outputs'],
    run: () => Promise.resolve({ text: 'The task has ended.', failed: false, finished: true }),
  }
}
