import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { bundleProgram } from '../terminal/bundle.ts'
import { Pty, pause } from '../terminal/pty.ts'

let program = ''
let pty: Pty

beforeAll(async () => {
  program = await bundleProgram('test/terminal/programs/live-rollouts.ts')
})
afterEach(() => pty.close())
afterAll(() => rmSync(join(program, '..'), { recursive: true, force: true }))

async function open(columns: number, rows: number, every: number): Promise<void> {
  pty = new Pty(process.execPath, [program, '64', String(every)], { columns, rows })
  await pty.shows('LAST ACTION')
}

test('64 rollouts with 100 changes a second are drawn at most ten times a second', async () => {
  await open(120, 40, 10)
  await pause(300)
  const [frames, bytes] = [pty.frames, pty.raw.length]
  await pause(2_000)
  expect(pty.frames - frames).toBeGreaterThan(5)
  expect(pty.frames - frames).toBeLessThanOrEqual(22)
  expect((pty.raw.length - bytes) / 2).toBeLessThan(40_000)
})

test('keys are answered while everything moves, and any size is drawn', async () => {
  await open(120, 40, 100)
  await pty.type('jj')
  await pty.shows('run 3')
  pty.resize(60, 16)
  await pty.until(() => !pty.line(3).includes('IDLE') && pty.line(3).includes('LAST ACTION'), 'the narrow table')
  pty.press('\r')
  await pty.shows('following')
  expect(pty.screen()).not.toContain('LAST ACTION')
  pty.resize(200, 50)
  await pty.until(() => pty.screen().includes('TOKENS') && pty.screen().includes('following'), 'list and detail')
  pty.press('q')
  expect((await pty.ended()).exitCode).toBe(0)
})

test('s gives the terminal to the shell of the sandbox and takes it back', async () => {
  await open(120, 40, 100)
  await pty.until(() => /patch \+1/.test(pty.screen()) || pty.screen().includes('s shell'), 'a sandbox')
  pty.press('s')
  await pty.shows('Back from the sandbox of')
  expect(pty.raw).toContain('shell\r\n')
  pty.press('q')
  expect((await pty.ended()).exitCode).toBe(0)
})
