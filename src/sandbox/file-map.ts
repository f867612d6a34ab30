import { posix } from 'node:path'
import type { FileMap } from '../domain/task.ts'
import { SandboxError } from './sandbox-error.ts'

/**
 * The files of a spec as paths that stay below the working folder.
 *
 * @throws SandboxError `refused` when one does not.
 */
export function filesBelowWorkdir(files: FileMap): (readonly [path: string, text: string])[] {
  return Object.entries(files).map(([path, text]) => {
    const clean = posix.normalize(path)
    const below = !posix.isAbsolute(clean) && clean !== '..' && !clean.startsWith('../') && !/\0|\/$|^\.$/.test(clean)
    if (below) return [clean, text] as const
    throw new SandboxError('refused', `the task's file ${JSON.stringify(path)} lies outside its working folder`)
  })
}
