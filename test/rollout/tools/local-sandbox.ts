import { mkdirSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import type { JsonObject } from '../../../src/domain/json.ts'
import type { Tool, ToolResult } from '../../../src/rollout/tool.ts'
import { createLocalProvider } from '../../../src/sandbox/local.ts'
import { DEFAULT_SANDBOX_LIMITS, type Sandbox } from '../../../src/sandbox/sandbox.ts'
import type { FileMap } from '../../../src/domain/task.ts'
import { temporaryFolder } from '../../sessions/temporary.ts'

/** A real Sandbox (bubblewrap where it works) with these files, closed when the test ends. */
export async function localSandbox(files: FileMap = {}): Promise<Sandbox> {
  const folder = temporaryFolder()
  mkdirSync(folder, { recursive: true })
  const provider = createLocalProvider({ folder })
  const sandbox = await provider.create({
    workdir: '/testbed',
    files,
    network: false,
    variables: {},
    limits: DEFAULT_SANDBOX_LIMITS,
    labels: { session: folder, job: 'test', role: 'agent', task: 'task', run: '1' },
    trusted: true,
  })
  onTestFinished(async () => {
    await sandbox.close()
    await provider.close()
  })
  return sandbox
}

/** Calls a tool as a rollout does. */
export function caller(tool: Tool, sandbox: Sandbox): (args: JsonObject) => Promise<ToolResult> {
  const signal = new AbortController().signal
  return (args) => tool.run(args, { sandbox, signal })
}

/** The text of a file as the Sandbox has it. */
export async function textIn(sandbox: Sandbox, path: string): Promise<string | undefined> {
  return (await sandbox.readFile(path, 100_000_000))?.bytes.toString('utf8')
}
