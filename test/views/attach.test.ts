import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runAttached } from '../../views/attach.ts'
import { temporaryFolder } from '../sessions/temporary.ts'

test('every argument arrives as it is, with no shell in between', async () => {
  const file = join(temporaryFolder(), 'arguments.json')
  const script = 'require("fs").writeFileSync(process.argv[1], JSON.stringify(process.argv.slice(2)))'
  const words = ['a b', '$(touch /tmp/never)', `it's; "quoted"`, '']
  expect(await runAttached([process.execPath, '-e', script, file, ...words])).toBeUndefined()
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(words)
})

test('how an interactive program ended is not reported, that it could not start is', async () => {
  const listeners = process.listenerCount('SIGINT')
  expect(await runAttached([process.execPath, '-e', 'process.exit(130)'])).toBeUndefined()
  expect(await runAttached(['/nonexistent/program'])).toContain('/nonexistent/program could not be started')
  expect(await runAttached([])).toBe('There is no program to run.')
  expect(process.listenerCount('SIGINT')).toBe(listeners)
})
