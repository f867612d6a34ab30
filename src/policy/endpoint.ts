import { SealignError } from '../domain/errors.ts'
import { redactor } from '../lib/redact.ts'
import { safeText } from '../lib/safe-text.ts'

export interface EndpointOptions {
  /** `http://host:8000`, with or without `/v1` or `/chat/completions`. */
  readonly baseUrl: string
  /** Sent as `Authorization: Bearer …`; never shown, logged or stored. */
  readonly key?: string
  /** Further headers (`api-key`, `x-organization`); their values are treated as secrets too. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Where an OpenAI-compatible server listens, and how to speak of it without telling a secret. */
export interface Endpoint {
  readonly chat: URL
  readonly models: URL
  /** Address of a path beside `/v1`: `/metrics`, `/props`. */
  beside(path: string): URL
  readonly headers: Readonly<Record<string, string>>
  readonly hasKey: boolean
  /** For people and provenance: without credentials and query. */
  readonly shown: string
  /** What a server said, as one printable line of at most `maxLength` characters without secrets. */
  clean(text: string, maxLength?: number): string
}

const CHAT = '/chat/completions'
/** A path that names an API version already: `/v1`, `/api/v1`, `/v1beta/openai`. */
const VERSIONED = /\/v\d+[a-z\d]*(\/|$)/i
const SAID_CHARS = 300
/** What a server said is looked at no further than this before secrets are taken out. */
const LOOKED_AT_CHARS = 64_000

/** @throws SealignError `usage` when the address is none, `config` when key or headers cannot be sent. */
export function openEndpoint({ baseUrl, key: givenKey, headers = {} }: EndpointOptions): Endpoint {
  const key = givenKey?.trim() ?? ''
  const base = parseBase(baseUrl)
  const secrets = [key, ...Object.values(headers), decoded(base.password), decoded(base.username)]
  const authorization = authorizationOf(key, base)
  base.username = ''
  base.password = ''
  base.hash = ''
  const api = apiPath(base.pathname)
  const at = (path: string, keepQuery: boolean) => {
    const url = new URL(base)
    url.pathname = path
    if (!keepQuery) url.search = ''
    return url
  }
  const all = { ...(authorization === undefined ? {} : { authorization }), ...lowerCased(headers) }
  for (const [name, value] of Object.entries(all)) checkHeader(name, value)
  return {
    chat: at(`${api}${CHAT}`, true),
    models: at(`${api}/models`, true),
    beside: (path) => at(`${api.replace(/\/v\d+[a-z\d]*$/i, '')}${path}`, false),
    headers: all,
    hasKey: authorization !== undefined,
    shown: `${base.origin}${api}`,
    clean: cleaner([...secrets, ...[...base.searchParams.values()]]),
  }
}

function parseBase(baseUrl: string): URL {
  const url = URL.canParse(baseUrl.trim()) ? new URL(baseUrl.trim()) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new SealignError('usage', 'The base URL of the model server is not an http:// or https:// address', {
    hint: 'Write it like http://127.0.0.1:8000/v1',
  })
}

function apiPath(pathname: string): string {
  const trimmed = pathname.replace(/\/+$/, '')
  const path = trimmed.endsWith(CHAT) ? trimmed.slice(0, -CHAT.length) : trimmed
  return VERSIONED.test(path) || trimmed.endsWith(CHAT) ? path : `${path}/v1`
}

function authorizationOf(key: string, base: URL): string | undefined {
  if (key !== '') return `Bearer ${key}`
  if (base.username === '' && base.password === '') return undefined
  return `Basic ${Buffer.from(`${decoded(base.username)}:${decoded(base.password)}`).toString('base64')}`
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function checkHeader(name: string, value: string): void {
  const what = name === 'authorization' ? 'The key' : `Header ${safeText(name, 60)}`
  if (/^[a-z\d!#$%&'*+.^_`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return
  throw new SealignError('config', `${what} of the model server holds characters that HTTP cannot send`, {
    hint: 'Remove line breaks and characters that are not Latin',
  })
}

/** Takes out the values themselves (from 4 characters), well-known shapes of keys and `Bearer …`; then makes one safe line. */
function cleaner(secrets: readonly string[]): Endpoint['clean'] {
  const values = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')])
  const short = values.filter((value) => value.length >= 4 && value.length < 8)
  const redact = redactor(values)
  return (text, maxLength = SAID_CHARS) => {
    let clean = redact(text.slice(0, LOOKED_AT_CHARS))
    for (const value of short) clean = clean.replaceAll(value, '[redacted]')
    return safeText(clean.replace(/\s+/g, ' ').trim(), maxLength)
  }
}
