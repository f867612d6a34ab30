import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createDockerProvider } from '../../src/sandbox/docker.ts'
import { createLocalProvider } from '../../src/sandbox/local.ts'
import { isOrphan, ownerLabel } from '../../src/sandbox/owner.ts'
import { testImage } from '../engine.ts'
import { temporaryFolder } from '../sessions/temporary.ts'

const engine = await testImage()

/** A process of its own with a Sandbox, killed without warning. */
async function killedOwner(kind: string, folder: string): Promise<{ pid: number; id: string; snapshot: string }> {
  const program = join(import.meta.dirname, 'programs', 'owner.ts')
  const child = spawn(process.execPath, [program, kind, folder, engine.image], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const pid = child.pid ?? 0
  expect(sleepers(pid)).toBeGreaterThan(0)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return { pid, ...(JSON.parse(line.toString()) as { id: string; snapshot: string }) }
}

/** Processes on this machine that the owner's commands left. */
function sleepers(pid: number): number {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8') === `sleep\u000098${pid}\u0000`
    } catch {
      return false
    }
  }).length
}

async function noSleepers(pid: number): Promise<void> {
  for (let n = 0; n < 100 && sleepers(pid) > 0; n++) await new Promise((resolve) => setTimeout(resolve, 50))
  expect(sleepers(pid)).toBe(0)
}

describe('after kill -9 of its owner', { timeout: 60_000 }, () => {
  for (const kind of ['bubblewrap', 'plain'])
    test(`a local Sandbox (${kind}) ends by itself, and a sweep removes its folders`, async () => {
      const folder = temporaryFolder()
      const { pid, id } = await killedOwner(kind, folder)
      await noSleepers(pid)
      const provider = createLocalProvider({ folder })
      const list = join(folder, id, 'cgroups')
      const groups = existsSync(list) ? readFileSync(list, 'utf8').split('\n') : []
      expect(readdirSync(folder)).toEqual(expect.arrayContaining([id, expect.stringMatching(/^snapshot-/)]))
      expect(await provider.sweep()).toBe(2)
      expect(readdirSync(folder)).toEqual([])
      for (const group of groups) expect(existsSync(group)).toBe(false)
      expect(await provider.sweep()).toBe(0)
    })

  test.skipIf(!engine.available)(`a sweep removes its container and snapshot${engine.note}`, async () => {
    const docker = new Docker()
    const provider = createDockerProvider()
    onTestFinished(() => provider.close())
    const { pid, id, snapshot } = await killedOwner('docker', temporaryFolder())
    expect((await docker.getContainer(id).inspect()).State.Running).toBe(true)
    expect(await provider.sweep()).toBeGreaterThanOrEqual(2)
    await expect(docker.getContainer(id).inspect()).rejects.toMatchObject({ statusCode: 404 })
    await expect(docker.getImage(snapshot).inspect()).rejects.toMatchObject({ statusCode: 404 })
    await noSleepers(pid)
  })
})

describe('who is an orphan', () => {
  test('the living are not, the dead and the expired are, those of other machines only when expired', () => {
    const later = String(Date.now() + 60_000)
    expect(isOrphan(ownerLabel(), later)).toBe(false)
    expect(isOrphan(ownerLabel(), String(Date.now() - 1))).toBe(true)
    const [host = '', pid = ''] = ownerLabel().split(':')
    expect(isOrphan(`${host}:${pid}:12345`, later)).toBe(true)
    expect(isOrphan(`${host}:4194304:1`, undefined)).toBe(true)
    expect(isOrphan('elsewhere:4194304:1', later)).toBe(false)
    expect(isOrphan('elsewhere:4194304:1', '1')).toBe(true)
    expect(isOrphan('nonsense', later)).toBe(false)
    expect(isOrphan(undefined, undefined)).toBe(false)
  })
})
