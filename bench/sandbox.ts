import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { createDockerProvider } from '../src/sandbox/docker.ts'
import { createLocalProvider } from '../src/sandbox/local.ts'
import { DEFAULT_SANDBOX_LIMITS, type Sandbox, type SandboxProvider, type SandboxSpec } from '../src/sandbox/sandbox.ts'
import { testImage } from '../test/engine.ts'
import { round } from './percentiles.ts'

/** What Sandboxes cost, milliseconds, medians; `null`: no container engine answers or the test image is missing. */
export interface SandboxFigures {
  /** A command (`true`) over the persistent shell of a container. */
  readonly shellMs: number | null
  /** The same as an exec of the engine, made, started and waited for. */
  readonly oneShotExecMs: number | null
  /** The same through `Sandbox.exec`, which keeps a bash ready. */
  readonly execMs: number | null
  /** From nothing to a container with a bash. */
  readonly createMs: number | null
  /** Commit of a container, and another started from it that ran a command. */
  readonly branchMs: number | null
  /** Size of the image branched from, MB (10^6 bytes). */
  readonly imageMb: number | null
  readonly localShellMs: number
  readonly localExecMs: number
  /** From nothing to the end of the first command, and with closing. */
  readonly localFirstCommandMs: number
  readonly localWholeLifeMs: number
}

const OPTIONS = { timeoutMs: 30_000, maxBytes: 1000 }

/** Measures local Sandboxes and, where there is an engine, containers. */
export async function measureSandbox(): Promise<SandboxFigures> {
  return { ...(await measureContainers()), ...(await measureLocal()) }
}

export async function run(): Promise<SandboxFigures> {
  return measureSandbox()
}

type ContainerFigures = Omit<SandboxFigures, `local${string}`>

async function measureContainers(): Promise<ContainerFigures> {
  const { available, image } = await testImage()
  if (!available)
    return { shellMs: null, oneShotExecMs: null, execMs: null, createMs: null, branchMs: null, imageMb: null }
  const docker = new Docker()
  const provider = createDockerProvider()
  try {
    const sandbox = await provider.create(spec(image))
    const container = docker.getContainer(sandbox.id)
    const imageBytes = (await docker.getImage(image).inspect()).Size
    return {
      shellMs: await shellMs(sandbox),
      oneShotExecMs: await median(20, () => engineExec(container)),
      execMs: await median(100, () => sandbox.exec('true', OPTIONS)),
      createMs: await median(5, async () => provider.create(spec(image))),
      branchMs: await branchMs(provider, sandbox, image),
      imageMb: round(imageBytes / 1e6),
    }
  } finally {
    await provider.close()
  }
}

async function measureLocal(): Promise<Pick<SandboxFigures, `local${string}` & keyof SandboxFigures>> {
  const folder = mkdtempSync(join(tmpdir(), 'sealign-bench-'))
  const provider = createLocalProvider({ folder })
  try {
    await provider.describe()
    const sandbox = await provider.create(spec())
    const firsts: number[] = []
    const localWholeLifeMs = await median(20, async () => {
      const begun = performance.now()
      const fresh = await provider.create(spec())
      await fresh.exec('true', OPTIONS)
      firsts.push(performance.now() - begun)
      await fresh.close()
    })
    return {
      localShellMs: await shellMs(sandbox),
      localExecMs: await median(100, () => sandbox.exec('true', OPTIONS)),
      localFirstCommandMs: middle(firsts),
      localWholeLifeMs,
    }
  } finally {
    await provider.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function shellMs(sandbox: Sandbox): Promise<number> {
  const shell = await sandbox.shell()
  return median(500, () => shell.run('true', OPTIONS))
}

async function branchMs(provider: SandboxProvider, sandbox: Sandbox, image: string): Promise<number> {
  await sandbox.exec('head -c 5000000 /dev/urandom >work; mkdir -p src; echo change >src/file', OPTIONS)
  return median(3, async () => {
    const snapshot = await sandbox.snapshot()
    const branch = await provider.create({ ...spec(image), from: snapshot })
    await branch.exec('test -s work', OPTIONS)
    return async () => {
      await branch.close()
      await snapshot.remove()
    }
  })
}

async function engineExec(container: Docker.Container): Promise<void> {
  const exec = await container.exec({ Cmd: ['true'], AttachStdout: true, AttachStderr: true })
  const stream = await exec.start({ hijack: true, stdin: false })
  stream.resume()
  await new Promise((resolve) => stream.once('close', resolve))
  await exec.inspect()
}

/** Median time of `count` calls; a function that a call returns cleans up after it, off the clock. */
async function median(count: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < count; n++) {
    const begun = performance.now()
    const cleanUp = await work()
    times.push(performance.now() - begun)
    if (typeof cleanUp === 'function') await (cleanUp as () => Promise<void>)()
  }
  return middle(times)
}

function middle(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  return round(sorted[Math.floor(sorted.length / 2)] ?? 0)
}

function spec(image?: string): SandboxSpec {
  return {
    ...(image === undefined ? {} : { image }),
    workdir: '/testbed',
    files: { 'a.txt': 'text\n' },
    network: false,
    variables: {},
    limits: DEFAULT_SANDBOX_LIMITS,
    labels: { session: 'bench', job: 'bench', role: 'check', task: 'bench', run: '1' },
    trusted: true,
  }
}
