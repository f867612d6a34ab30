import { SealignError } from '../domain/errors.ts'

/**
 * Why a Policy gave no reply.
 * - `context`: prompt (and reply) do not fit the model: ends a rollout at its limit, not as infrastructure
 * - `unreachable`, `busy`, `broken`: endpoint down, overloaded beyond the retries, or not speaking the protocol
 * - `key`, `model`, `request`: refused for good: wrong key, unknown model, bad request
 */
export type PolicyFault = 'context' | 'unreachable' | 'busy' | 'broken' | 'key' | 'model' | 'request'

export class PolicyError extends SealignError {
  readonly fault: PolicyFault
  /** For `context`: what the server said, where it did. */
  readonly limitTokens: number | undefined

  constructor(
    fault: PolicyFault,
    message: string,
    options: { hint?: string; cause?: unknown; limitTokens?: number } = {},
  ) {
    super('policy', message, options)
    this.name = 'PolicyError'
    this.fault = fault
    this.limitTokens = options.limitTokens
  }
}
