import type { SandboxError } from '../sandbox/sandbox-error.ts'

/** What a failure of the Sandbox means for the verdict. */
export function brokenMachinery(
  error: SandboxError,
  fitsMemory: boolean,
): { readonly reason: 'infrastructure' | 'tests'; readonly says: string } {
  if (error.fault === 'memory' && fitsMemory)
    return { reason: 'tests', says: 'The patch made the tests need more memory than the reference patch did.' }
  return { reason: 'infrastructure', says: error.hint === undefined ? error.message : `${error.message} ${error.hint}` }
}
