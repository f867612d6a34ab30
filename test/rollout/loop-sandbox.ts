import { onTestFinished } from 'vitest'
import type { FileMap, TaskDefinition } from '../../src/domain/task.ts'
import { createLocalProvider } from '../../src/sandbox/local.ts'
import { DEFAULT_SANDBOX_LIMITS, type Sandbox, type Snapshot } from '../../src/sandbox/sandbox.ts'
import { temporaryFolder } from '../sessions/temporary.ts'

/** A real Sandbox as a job makes it for this Task, closed when the test ends. */
export async function sandboxFor(task: Pick<TaskDefinition, 'id' | 'environment'>, from?: Snapshot): Promise<Sandbox> {
  const folder = temporaryFolder()
  const provider = createLocalProvider({ folder })
  onTestFinished(() => provider.close())
  const { workdir, files, network, variables } = task.environment
  return provider.create({
    workdir,
    files,
    network,
    variables,
    limits: DEFAULT_SANDBOX_LIMITS,
    labels: { session: folder, job: 'test', role: 'agent', task: task.id, run: '1' },
    trusted: true,
    ...(from === undefined ? {} : { from }),
  })
}

/** A real Sandbox with these files in `/testbed`. */
export function localSandbox(files: FileMap = {}): Promise<Sandbox> {
  return sandboxFor({
    id: 'task',
    environment: { workdir: '/testbed', files, setup: [], network: false, variables: {} },
  })
}

/** Runs a script in the Sandbox; fails the test when it fails. */
export async function inside(sandbox: Sandbox, script: string): Promise<string> {
  const { output, exitCode } = await sandbox.exec(script, { timeoutMs: 30_000, maxBytes: 1 << 20 })
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${output}`)
  return output
}

const GIT = 'git -c user.name=a -c user.email=a@b.c -c init.defaultBranch=main'

/** A repository with one commit of these files. */
export async function repositorySandbox(files: FileMap): Promise<Sandbox> {
  const sandbox = await localSandbox(files)
  await inside(sandbox, `${GIT} init -q . && git add -A && ${GIT} commit -q -m first`)
  return sandbox
}
