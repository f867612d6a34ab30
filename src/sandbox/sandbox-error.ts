import { SealignError } from '../domain/errors.ts'

/**
 * Why our machinery could not run a command.
 * - `engine`: the container engine does not answer · `image`: the image is not there · `refused`: it would not be isolated
 * - `disk`: no space left · `gone`: the Sandbox died meanwhile · `memory`: it died of its memory limit
 */
export type SandboxFault = 'engine' | 'image' | 'refused' | 'disk' | 'gone' | 'memory'

export class SandboxError extends SealignError {
  readonly fault: SandboxFault

  constructor(fault: SandboxFault, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super('sandbox', message, options)
    this.name = 'SandboxError'
    this.fault = fault
  }
}

/** A file inside a Sandbox could not be read or written as asked; what the path is made the world's fault, not ours. */
export class SandboxFileError extends SealignError {
  readonly path: string
  /** What the system said: `Is a directory`, `Permission denied`, `No space left on device`. */
  readonly reason: string

  constructor(path: string, reason: string) {
    super('sandbox', `${path}: ${reason}`)
    this.name = 'SandboxFileError'
    this.path = path
    this.reason = reason
  }
}
