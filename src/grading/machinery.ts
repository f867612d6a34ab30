import type { SandboxError } from '../sandbox/sandbox-error.ts'

/** What a failure of the Sandbox means for the verdict. */
export function brokenMachinery(
  error: SandboxError,
  fitsMemory: boolean,
): { readonly reason: 'infrastructure' | 'tests'; readonly says: string } {
  if (error.fault === 'memory' && fitsMemory)
    return { reason: 'tests', says: 'The patch made the tests need more memory than the reference patch did.' }
  return { reason: 'infrastructure', says: sentences(error) }
}

function sentences({ message, hint }: SandboxError): string {
  if (hint === undefined) return message
  return `${message}${/[.!?]$/.test(message) ? '' : '.'} ${hint}`
}
