import type { TaskDefinition } from '../domain/task.ts'
import type { CallFormat } from './call-format/call-format.ts'
import type { RolloutLimits } from './limits.ts'
import type { MessageFacts, Profile, ProfileSession } from './profile.ts'
import { taskText } from './prompt.ts'
import { createPatchTool } from './staged/patch-tool.ts'
import { createSearchTools } from './staged/search-tools.ts'
import { createDoneSearching, createJudgePatch, createLocate, createRunCheck } from './staged/stage-tools.ts'
import { Stages, STAGE_TOOLS, STAGES, STAGE_TURNS } from './staged/stages.ts'
import type { Tool } from './tool.ts'

const SYSTEM_PROMPT = `You are a software engineer. You solve one task in a fixed workflow of four stages; the workflow decides when a stage ends, and tells you.

${STAGES.map((stage) => `- ${stage} (at most ${STAGE_TURNS[stage]} turns): ${STAGE_TOOLS[stage].join(', ')}`).join('\n')}

search: find the code that the task is about, with as few searches as you can; call done_searching when you have seen enough.
locate: name the places that have to change.
patch: write the smallest change that solves the cause of the problem.
check: run what shows whether the patch works, then judge it. A patch that is judged wrong is taken back and written again.

Only the tools of the present stage can be called. Nobody answers questions, and there is no network.`

/**
 * A fixed workflow search → locate → patch → check with read-only search tools, as AutoCodeRover's (arXiv 2404.05427): the second
 * framework on which SEAlign measures transfer (table 8).
 */
export function createStagedProfile(format: CallFormat): Profile {
  return {
    name: 'staged',
    version: '1',
    format,
    snapshots: false,
    start: (task, limits) => startSession(format, task, limits),
  }
}

function startSession(format: CallFormat, task: TaskDefinition, limits: RolloutLimits): ProfileSession {
  const stages = new Stages()
  const patch = createPatchTool()
  const tools: Tool[] = [
    ...createSearchTools(),
    createDoneSearching(),
    createLocate(),
    patch.tool,
    createRunCheck(limits.commandTimeoutMs),
    createJudgePatch(),
  ]
  return {
    tools,
    prompt: [
      { role: 'system', content: SYSTEM_PROMPT + format.systemText(tools) },
      { role: 'user', content: format.firstUserText(`${taskText(task, 'staged')}\n\n${stages.says}`, tools) },
    ],
    refuse({ tool }) {
      if (STAGE_TOOLS[stages.stage].includes(tool.name)) return undefined
      return `ERROR:\n\`${tool.name}\` is no tool of this stage. ${stages.says}`
    },
    async afterStep(step, context) {
      const transition = stages.next(step)
      if (transition?.undo) await patch.undo(context)
      return transition
    },
    afterMessage: (message) => `${MESSAGE_ANSWERS[message.shape]}\n${stages.says}`,
  }
}

const MESSAGE_ANSWERS: Record<MessageFacts['shape'], string> = {
  text: 'Please go on with the task. Every reply has to call one tool of the present stage.',
  empty: 'Your last reply was empty. Every reply has to call one tool of the present stage.',
  cut: 'Your last reply reached the length limit before it called a tool. Write less and call one tool of the present stage.',
}
