import { applyPatch, parsePatch, type StructuredPatch } from 'diff'
import type { FileMap, TaskDefinition } from '../../domain/task.ts'

/** The files a Task starts from with its reference patch applied; `undefined`: it has none, or one that does not apply. */
export function fixedFiles({ referencePatch, referenceReversed, environment }: TaskDefinition): FileMap | undefined {
  if (referencePatch === undefined || referenceReversed === true) return undefined
  const patches = parsed(referencePatch)
  if (patches === undefined) return undefined
  const files = { ...environment.files }
  for (const patch of patches) {
    const path = patch.oldFileName?.replace(/^a\//, '') ?? ''
    const before = Object.hasOwn(files, path) ? files[path] : undefined
    const after = before === undefined ? false : applyPatch(before, patch)
    if (after === false) return undefined
    files[path] = after
  }
  return files
}

function parsed(patch: string): readonly StructuredPatch[] | undefined {
  try {
    return parsePatch(patch)
  } catch {
    return undefined
  }
}
