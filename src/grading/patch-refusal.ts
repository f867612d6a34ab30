import { patchedFiles } from './patch-blocks.ts'

/** Why a patch is refused before anything runs; one clause, or `undefined`. */
export function refusal(patch: string): string | undefined {
  for (const { from, to } of patchedFiles(patch))
    for (const path of [from, to]) {
      if (path === undefined) continue
      if (path.startsWith('/') || path.split('/').includes('..')) return `it reaches outside the repository (${path})`
      if (path.split('/').some((part) => part.toLowerCase() === '.git')) return `it changes git's own files (${path})`
    }
  return undefined
}
