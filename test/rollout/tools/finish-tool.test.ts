import { expect, test } from 'vitest'
import { createFinishTool } from '../../../src/rollout/tools/finish-tool.ts'
import { createThinkTool } from '../../../src/rollout/tools/think-tool.ts'
import { caller, localSandbox } from './local-sandbox.ts'
import { needs } from '../../needs.ts'

needs('bubblewrap', 'git')

test('finish ends the rollout, with or without a message', async () => {
  const finish = caller(createFinishTool(), await localSandbox())
  expect(await finish({})).toMatchObject({ failed: false, finished: true })
  expect(await finish({ message: 'The bug is fixed.' })).toMatchObject({ failed: false, finished: true })
})

test('think changes nothing and goes on', async () => {
  const sandbox = await localSandbox({ a: 'a' })
  const result = await caller(createThinkTool(), sandbox)({ thought: 'Either a or b.' })
  expect(result.failed).toBe(false)
  expect(result).not.toHaveProperty('finished')
})
