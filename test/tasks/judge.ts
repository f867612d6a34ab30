import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FileMap, TaskDefinition } from '../../src/domain/task.ts'

/** How the hidden test of a Task ended in a folder of its own, without a Sandbox. */
export interface Judged {
  readonly exitCode: number
  readonly output: string
}

/** Runs a Task's own test command over its starting files with `changes` on top. */
export async function judged(task: TaskDefinition, changes: FileMap): Promise<Judged> {
  const folder = await mkdtemp(join(tmpdir(), 'sealign-judge-'))
  try {
    await written(folder, { ...task.environment.files, ...changes, ...task.grading.files })
    return await ran(task.grading.commands.join('\n'), folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export async function written(folder: string, files: FileMap): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

/** Runs a script with bash; its exit code and what it printed. */
export async function ran(script: string, cwd: string, env: NodeJS.ProcessEnv = process.env): Promise<Judged> {
  return await new Promise((settle) => {
    execFile('bash', ['-c', script], { cwd, env, timeout: 60_000, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 255
      settle({ exitCode, output: stdout + stderr })
    })
  })
}

/** Maps with at most `width` at a time, in order. */
export async function mapped<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (;;) {
      const at = next++
      const item = items[at]
      if (item === undefined) return
      results[at] = await work(item)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return results
}
