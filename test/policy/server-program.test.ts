import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { Message } from '../../src/domain/message.ts'
import { temporaryFolder } from '../sessions/temporary.ts'
import { asking, FAST, policyOf } from './asking.ts'

test('the server program says a script, one line per conversation, also when it is busy and breaks off', async () => {
  const script = join(temporaryFolder(), 'script.jsonl')
  const lines = [
    { replies: ['first run', { content: 'more', toolCalls: [{ name: 'finish', arguments: { ok: true } }] }] },
    { replies: ['second run', 'the end'] },
    { task: 'task-7', replies: ['of task 7'] },
  ]
  writeFileSync(script, lines.map((line) => JSON.stringify(line)).join('\n'))
  const program = fileURLToPath(new URL('openai-server-main.ts', import.meta.url))
  const child = spawn(process.execPath, [program, '--script', script, '--busy-every', '3', '--cut-every', '5'])
  onTestFinished(() => void child.kill())
  const [url] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  const policy = policyOf({ url: url.trim() }, { retry: { ...FAST, brokenAttempts: 20 } })
  const say = async (messages: readonly Message[]) => (await policy.reply(asking({ messages }))).message

  const user = (content: string): Message => ({ role: 'user', content })
  const first = await say([user('Solve it')])
  const second = await say([user('Solve it')])
  expect(new Set([first.content, second.content])).toEqual(new Set(['first run', 'second run']))
  const [one, two] = first.content === 'first run' ? [first, second] : [second, first]
  expect((await say([user('Solve it'), one, user('go on')])).toolCalls).toMatchObject([
    { name: 'finish', arguments: { ok: true } },
  ])
  expect((await say([user('Solve it'), two, user('go on')])).content).toBe('the end')
  expect((await say([user('Solve task-7')])).content).toBe('of task 7')
})
