import { execFileSync } from 'node:child_process'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { TaskDefinition } from '../../src/domain/task.ts'
import { createDockerProvider } from '../../src/sandbox/docker.ts'
import { DEFAULT_SANDBOX_LIMITS, type Sandbox } from '../../src/sandbox/sandbox.ts'
import { testImage } from '../engine.ts'
import { ADDER, bash, eventsOf, FINISH, rollOut, taskOf, textCall } from './loop-runs.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

const engine = await testImage()

async function dockerSandbox({ environment, id }: TaskDefinition): Promise<Sandbox> {
  const provider = createDockerProvider()
  onTestFinished(() => provider.close())
  const sandbox = await provider.create({
    image: engine.image,
    workdir: environment.workdir,
    files: environment.files,
    network: false,
    variables: {},
    limits: { ...DEFAULT_SANDBOX_LIMITS, memoryBytes: 512 * 1024 ** 2 },
    labels: { session: '/test', job: 'loop', role: 'agent', task: id, run: '1' },
    trusted: false,
  })
  onTestFinished(() => sandbox.close())
  return sandbox
}

const EDIT = textCall('str_replace_editor', {
  command: 'str_replace',
  path: '/testbed/core.py',
  old_str: 'a - b',
  new_str: 'a + b',
})

describe.skipIf(!engine.available)(`a rollout in a container${engine.note}`, () => {
  const task = taskOf(ADDER)

  test('edits, checks and finishes with the patch; the same prefix replays in another container', async () => {
    const script = [
      bash('cd /tmp && ls -la /testbed'),
      EDIT,
      bash('python3 -m pytest --version; cat /testbed/core.py'),
      FINISH,
    ]
    const first = await rollOut({ task, script, sandbox: () => dockerSandbox(task) })
    expect(first.end).toBe('finished')
    expect(first.patch).toContain('-    return a - b\n+    return a + b\n')
    const run = await rollOut({
      task,
      script,
      sandbox: () => dockerSandbox(task),
      prefix: { steps: first.steps.slice(0, 3), from: 'replay', stored: true, prompt: first.prompt },
    })
    expect(run).toMatchObject({ end: 'finished', patch: first.patch })
    expect(eventsOf(run, 'step').map(({ t }) => t)).toEqual([4])
  })

  test('ends as infrastructure when the container is killed during a command; Steps before it stay', async () => {
    let sandbox: Sandbox | undefined
    const run = await rollOut({
      task,
      script: [EDIT, bash('sleep 60'), FINISH],
      sandbox: async () => (sandbox = await dockerSandbox(task)),
      hear: (event) => {
        if (event.type !== 'reply' || event.t !== 2) return
        setTimeout(() => execFileSync('docker', ['kill', sandbox?.id ?? ''], { stdio: 'ignore' }), 500)
      },
    })
    expect(run.end).toBe('infrastructure')
    expect(run.infrastructure).toBeTruthy()
    expect(run.steps).toHaveLength(1)
    expect(run.patch).toBeUndefined()
  })
})
