import type { Message } from '../../../src/domain/message.ts'
import type { Tool } from '../../../src/rollout/tool.ts'
import { createBashTool } from '../../../src/rollout/tools/bash-tool.ts'
import { createEditorTool } from '../../../src/rollout/tools/editor-tool.ts'
import { createFinishTool } from '../../../src/rollout/tools/finish-tool.ts'
import { createThinkTool } from '../../../src/rollout/tools/think-tool.ts'

/** The tools of the OpenHands profile. */
export const TOOLS: readonly Tool[] = [createBashTool(), createEditorTool(), createThinkTool(), createFinishTool()]

export function says(content: string, rest: Partial<Message> = {}): Message {
  return { role: 'assistant', content, ...rest }
}
