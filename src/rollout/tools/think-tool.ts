import type { Tool } from '../tool.ts'

/** `think(thought)`: a place to reason; changes nothing. */
export function createThinkTool(): Tool {
  return {
    name: 'think',
    aliases: [],
    definition: {
      name: 'think',
      description:
        'Writes down a thought and changes nothing. Use it to weigh several ways to fix something, or to plan before a larger change.',
      parameters: {
        type: 'object',
        properties: { thought: { type: 'string', description: 'The thought.' } },
        required: ['thought'],
      },
    },
    ignored: [],
    run: () => Promise.resolve({ text: 'The thought was noted.', failed: false }),
  }
}
