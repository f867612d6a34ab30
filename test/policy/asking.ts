import { expect, onTestFinished } from 'vitest'
import type { Message } from '../../src/domain/message.ts'
import { createOpenAiPolicy, type OpenAiOptions } from '../../src/policy/openai.ts'
import type { Policy, PolicyRequest } from '../../src/policy/policy.ts'
import { PolicyError } from '../../src/policy/policy-error.ts'
import { type OpenAiServer, startOpenAiServer } from './openai-server.ts'

/** A server that is closed when the test ends. */
export async function serve(script: Parameters<typeof startOpenAiServer>[0]): Promise<OpenAiServer> {
  const server = await startOpenAiServer(script)
  onTestFinished(() => server.close())
  return server
}

/** Waits of milliseconds, so that tests need not wait. */
export const FAST = { firstWaitMs: 2, maxWaitMs: 10, busyPatienceMs: 2000, downPatienceMs: 60 }

export function policyOf(server: { url: string }, options: Partial<OpenAiOptions> = {}): Policy {
  return createOpenAiPolicy({ baseUrl: server.url, model: 'test-model', retry: FAST, ...options })
}

export const HELLO: readonly Message[] = [
  { role: 'system', content: 'You fix bugs.' },
  { role: 'user', content: 'Fix this one.' },
]

export function asking(rest: Partial<PolicyRequest> = {}): PolicyRequest {
  return { messages: HELLO, sampling: {}, signal: new AbortController().signal, ...rest }
}

/** The PolicyError a promise ends with; fails on anything else. */
export async function faultOf(promise: Promise<unknown>): Promise<PolicyError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(PolicyError)
  if (!(error instanceof PolicyError)) throw new Error('not reached')
  return error
}

/** The whole of an error that a person or a log could ever see. */
export function toldBy(error: PolicyError): string {
  return [error.message, error.hint, error.stack, JSON.stringify(error), String(error.cause)].join('\n')
}
