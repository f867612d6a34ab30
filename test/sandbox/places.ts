import { onTestFinished } from 'vitest'
import { createDockerProvider } from '../../src/sandbox/docker.ts'
import { createLocalProvider } from '../../src/sandbox/local.ts'
import {
  DEFAULT_SANDBOX_LIMITS,
  type ExecResult,
  type Sandbox,
  type SandboxLimits,
  type SandboxProvider,
  type SandboxSpec,
  type ShellWait,
} from '../../src/sandbox/sandbox.ts'
import { testImage } from '../engine.ts'
import { has } from '../needs.ts'
import { temporaryFolder } from '../sessions/temporary.ts'

const engine = await testImage()

/** What may be said differently from one test to the next. */
export type SpecChanges = Partial<Omit<SandboxSpec, 'limits'>> & { readonly limits?: Partial<SandboxLimits> }

export function spec({ limits, ...rest }: SpecChanges = {}): SandboxSpec {
  return {
    workdir: '/testbed',
    image: engine.image,
    files: {},
    network: false,
    variables: {},
    limits: { ...DEFAULT_SANDBOX_LIMITS, ...limits },
    labels: { session: '/nowhere/test.db', job: 'test', role: 'check', task: 'task', run: '1' },
    trusted: true,
    ...rest,
  }
}

/** A kind of real Sandbox that this machine can run tests in, or why not. */
export interface Place {
  readonly name: string
  readonly skipped: boolean
  /** Closed when the test ends. */
  provider(): SandboxProvider
}

const local: Place = {
  name: 'bubblewrap',
  skipped: !has('bubblewrap'),
  provider: () => closing(createLocalProvider({ folder: temporaryFolder() })),
}
const plain: Place = {
  name: 'plain child processes',
  skipped: false,
  provider: () => closing(createLocalProvider({ folder: temporaryFolder(), bubblewrap: false })),
}
const docker: Place = {
  name: `a container${engine.note}`,
  skipped: !engine.available,
  provider: () => closing(createDockerProvider()),
}

export const PLACES: readonly Place[] = [local, plain, docker]
/** The ones that protect this machine from what they run. */
export const ISOLATED: readonly Place[] = [local, docker]
export { docker, local, plain }

/** A fresh Sandbox, removed when the test ends. */
export function sandboxIn(place: Place, changes: SpecChanges = {}): Promise<Sandbox> {
  return place.provider().create(spec(changes))
}

/** Runs a script, ten seconds and 64 kB at most. */
export function exec(sandbox: Sandbox, script: string, changes: object = {}): Promise<ExecResult> {
  return sandbox.exec(script, { timeoutMs: 10_000, maxBytes: 65_536, ...changes })
}

/** How long a shell test waits at most. */
export function wait(changes: Partial<ShellWait> = {}): ShellWait {
  return { timeoutMs: 10_000, maxBytes: 65_536, ...changes }
}

function closing(provider: SandboxProvider): SandboxProvider {
  onTestFinished(() => provider.close())
  return provider
}
