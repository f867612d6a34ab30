import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TaskDefinition } from '../../src/domain/task.ts'
import { nativeFormat } from '../../src/rollout/call-format/native-format.ts'
import { textFormat } from '../../src/rollout/call-format/text-format.ts'
import { createOpenHandsProfile } from '../../src/rollout/openhands-profile.ts'
import { readTasks } from '../../src/tasks/read-tasks.ts'
import { DATA } from '../importers/source-files.ts'
import { answers, bash, FINISH, rollOut } from './loop-runs.ts'
import { sandboxFor } from './loop-sandbox.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

const FOLDER = join(DATA, 'tasks', 'humanevalpack')
const haveRows = existsSync(FOLDER)

async function firstTask(language: string): Promise<TaskDefinition> {
  for await (const read of readTasks(join(FOLDER, `${language}.jsonl`))) if (read.type === 'task') return read.task
  throw new Error(`no task in ${language}.jsonl`)
}

describe.skipIf(!haveRows)(`HumanEvalFix${haveRows ? '' : ' (skipped: needs ../shared/data)'}`, () => {
  test.each([
    ['python', 'python3 Python__0.py && echo passed'],
    ['js', 'node JavaScript__0.js && echo passed'],
  ])('%s: the fix that the set ships comes out as the patch, in both call formats', async (language, check) => {
    const task = await firstTask(language)
    const fix = `git apply - <<'END_OF_PATCH'\n${task.referencePatch}END_OF_PATCH`
    const text = await rollOut({
      task,
      sandbox: () => sandboxFor(task),
      profile: createOpenHandsProfile(textFormat),
      script: [bash(fix), bash(check), FINISH],
    })
    expect(text.prompt[1]?.content).toContain(
      `${task.environment.workdir}/${language === 'js' ? 'JavaScript' : 'Python'}__0.`,
    )
    expect(text.end).toBe('finished')
    expect(answers(text.steps[1])[0]).toContain('passed')
    const native = await rollOut({
      task,
      sandbox: () => sandboxFor(task),
      profile: createOpenHandsProfile(nativeFormat),
      script: [
        { toolCalls: [{ name: 'execute_bash', arguments: { command: fix } }] },
        { toolCalls: [{ name: 'finish', arguments: {} }] },
      ],
    })
    expect(native.patch).toBe(text.patch)
    const changed = (patch = '') => patch.split('\n').filter((line) => /^[+-](?![+-])/.test(line))
    expect(changed(text.patch)).toEqual(changed(task.referencePatch))
    expect(changed(text.patch).length).toBeGreaterThan(0)
  })
})
