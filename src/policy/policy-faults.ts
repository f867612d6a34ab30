import type { Endpoint } from './endpoint.ts'
import { Passing, type Refused, Unusable } from './exchange.ts'
import { PolicyError } from './policy-error.ts'
import type { Trouble } from './retries.ts'

/** What a refusal means: worth another try, or final. */
export function judge(refused: Refused, endpoint: Endpoint, model: string): Passing | PolicyError {
  const { status, said, code, overflow, retryAfterMs } = refused.refusal
  const sentence = endpoint.clean(said)
  const quoted = sentence === '' ? '' : `: ${sentence}`
  const where = `${endpoint.shown} (model ${endpoint.clean(model, 100)})`
  if (overflow) {
    return new PolicyError('context', `The conversation does not fit the context of ${where}${quoted}`, {
      ...(overflow.limitTokens === undefined ? {} : { limitTokens: overflow.limitTokens }),
    })
  }
  if (status === 401 || status === 403) return keyError(endpoint, status, quoted)
  if (status === 402 || code === 'insufficient_quota') {
    return new PolicyError('key', `${endpoint.shown} refuses the account (${status})${quoted}`, {
      hint: 'Check the credit and the limits of the account the key belongs to',
    })
  }
  const trouble = troubleOf(status)
  if (trouble) return new Passing(trouble, `${status} from the server${quoted}`, { retryAfterMs })
  if (status >= 300 && status < 400) {
    const to = refused.location === undefined ? '' : ` to ${endpoint.clean(refused.location.split('?')[0] ?? '', 200)}`
    return new PolicyError('request', `${endpoint.shown} answers with a redirect${to} (${status})`, {
      hint: 'Use the address it names as the base URL',
    })
  }
  return new PolicyError('request', `${where} refused the request (${status})${quoted}`)
}

/** Whether a refusal may be about the model's name. */
export function namesModel({ refusal }: Refused): boolean {
  const { status, said, code } = refusal
  if (code === 'model_not_found') return true
  return status === 404 || (status === 400 && /model .{0,200}(?:not found|does not exist|not available)/i.test(said))
}

/** @param listed - the models the server has; `undefined`: it does not tell. */
export function modelError(
  refused: Refused,
  endpoint: Endpoint,
  model: string,
  listed: readonly string[] | undefined,
): PolicyError {
  const name = endpoint.clean(model, 100)
  const said = endpoint.clean(refused.refusal.said)
  const aboutModel = refused.refusal.code === 'model_not_found' || /model/i.test(refused.refusal.said)
  if (listed?.includes(model) || (listed === undefined && !aboutModel)) {
    return new PolicyError(
      'request',
      `${endpoint.shown}/chat/completions is not there (${refused.refusal.status}): ${said}`,
      {
        hint: 'Check the base URL: it is the address before /chat/completions',
      },
    )
  }
  return new PolicyError('model', `${endpoint.shown} has no model ${name}${said === '' ? '' : `: ${said}`}`, {
    hint: listed?.length ? `It has ${modelList(endpoint, listed)}` : 'Check the name of the model',
  })
}

/** What is told when patience ended. */
export function givenUp(passing: Passing, endpoint: Endpoint, attempts: number): PolicyError {
  const reason = endpoint.clean(passing.message)
  const tries = attempts === 1 ? 'once' : `${attempts} times`
  switch (passing.trouble) {
    case 'busy':
      return new PolicyError('busy', `${endpoint.shown} is overloaded, asked ${tries}: ${reason}`, {
        hint: 'Run fewer rollouts at once, or raise the patience',
      })
    case 'down':
      return new PolicyError('unreachable', `${endpoint.shown} cannot be reached, tried ${tries}: ${reason}`, {
        hint: 'Check that the model server runs and that the base URL is right',
      })
    case 'broken':
      return new PolicyError('broken', `${endpoint.shown} gave no usable reply, asked ${tries}: ${reason}`, {
        hint: 'Look into the log of the model server',
      })
  }
}

export function unusable(error: Unusable, endpoint: Endpoint): PolicyError {
  return new PolicyError('unreachable', `${endpoint.shown} cannot be used: ${endpoint.clean(error.message)}`, {
    hint: 'Check http:// against https://; for a certificate of your own set NODE_EXTRA_CA_CERTS',
  })
}

function keyError(endpoint: Endpoint, status: number, quoted: string): PolicyError {
  const what = endpoint.hasKey ? 'refuses the key' : 'wants a key and none was given'
  return new PolicyError('key', `${endpoint.shown} ${what} (${status})${quoted}`, {
    hint: 'Set the key that belongs to this base URL',
  })
}

function modelList(endpoint: Endpoint, listed: readonly string[]): string {
  const names = listed.slice(0, 8).map((name) => endpoint.clean(name, 80))
  return names.join(', ') + (listed.length > 8 ? ` and ${listed.length - 8} more` : '')
}

function troubleOf(status: number): Trouble | undefined {
  if (status === 408 || status === 409 || status === 425 || status === 429) return 'busy'
  if (status === 502 || status === 503 || status === 504 || status === 529) return 'busy'
  return status >= 500 ? 'broken' : undefined
}
