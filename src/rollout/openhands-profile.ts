import type { TaskDefinition } from '../domain/task.ts'
import type { CallFormat } from './call-format/call-format.ts'
import type { RolloutLimits } from './limits.ts'
import { messageNudge } from './nudge.ts'
import type { Profile, ProfileSession } from './profile.ts'
import { SYSTEM_PROMPT, taskText } from './prompt.ts'
import { createBashTool } from './tools/bash-tool.ts'
import { createEditorTool } from './tools/editor-tool.ts'
import { createFinishTool } from './tools/finish-tool.ts'
import { createThinkTool } from './tools/think-tool.ts'

/**
 * An agent that acts as OpenHands' CodeAct does: a shell that lasts, an editor, a place to think and an end; any Action at any
 * time (SEAlign §5.1 collects with OpenHands). Texts are our own.
 */
export function createOpenHandsProfile(format: CallFormat): Profile {
  return {
    name: 'openhands',
    version: '1',
    format,
    snapshots: true,
    start: (task, limits) => startSession(format, task, limits),
  }
}

function startSession(format: CallFormat, task: TaskDefinition, limits: RolloutLimits): ProfileSession {
  const tools = [
    createBashTool({ quietMs: limits.quietMs, hardMs: limits.commandTimeoutMs }),
    createEditorTool(),
    createThinkTool(),
    createFinishTool(),
  ]
  return {
    tools,
    prompt: [
      { role: 'system', content: SYSTEM_PROMPT + format.systemText(tools) },
      { role: 'user', content: format.firstUserText(taskText(task), tools) },
    ],
    refuse: () => undefined,
    afterStep: () => undefined,
    afterMessage: messageNudge,
  }
}
