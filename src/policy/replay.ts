import type { StepDraft } from '../domain/trajectory.ts'
import type { Policy, PolicyRequest } from './policy.ts'
import { PolicyError } from './policy-error.ts'
import { speak } from './spoken-reply.ts'

const PIECE_LENGTH = 200

/**
 * A policy that gives the replies of a recorded Trajectory again, in order: the reply after as many as the conversation holds.
 * Its commands were a model's: it is not trusted.
 *
 * @throws PolicyError `request` from `reply` when the recording is at its end.
 */
export function createReplayPolicy(steps: readonly StepDraft[], options: { model?: string } = {}): Policy {
  const model = options.model ?? 'replay'
  const reply = async (request: PolicyRequest) => {
    const turn = request.messages.reduce((count, { role }) => (role === 'assistant' ? count + 1 : count), 0)
    const step = steps[turn]
    if (step === undefined) {
      throw new PolicyError('request', `The recording has ${steps.length} replies; reply ${turn + 1} was asked for`)
    }
    return speak(step.reply, request, { pieceLength: PIECE_LENGTH, delayMs: 0 })
  }
  return {
    kind: 'replay',
    model,
    trusted: false,
    describe: () => ({ kind: 'replay', model, replies: steps.length }),
    contextTokens: () => Promise.resolve(undefined),
    reply,
    replies: (request, n) => Promise.all(Array.from({ length: n }, () => reply(request))),
  }
}
