import type { IncomingHttpHeaders } from 'node:http'
import { isObject } from '../domain/json.ts'
import { type Overflow, readOverflow } from './overflow.ts'

/** An answer that is no reply: a status other than 200, or an error inside a stream. */
export interface Refusal {
  readonly status: number
  /** The server's own sentence, raw: clean it before it is shown. */
  readonly said: string
  readonly code: string | undefined
  readonly overflow: Overflow | undefined
  /** As the server asked, milliseconds. */
  readonly retryAfterMs: number | undefined
}

/** The bodies known: OpenAI's and newer vLLM's `{error: {…}}`, older vLLM's top level, FastAPI's `{detail}`, Ollama's `{error: text}`, text. */
export function readRefusal(status: number, body: string, headers: IncomingHttpHeaders = {}): Refusal {
  return refusalOf(status, parsed(body), body, headers)
}

/** An error that came as an event of a stream, or with status 200. */
export function streamedRefusal(event: Record<string, unknown>): Refusal | undefined {
  const error = event['error']
  if (error === undefined || error === null || error === false) return undefined
  const code: unknown = isObject(error) ? error['code'] : event['code']
  const status = Number(code)
  return refusalOf(status >= 400 && status < 600 ? status : 500, event, '', {})
}

function refusalOf(status: number, body: unknown, text: string, headers: IncomingHttpHeaders): Refusal {
  const top = isObject(body) ? body : {}
  const error = isObject(top['error']) ? top['error'] : top
  const said = sentence(error, top) ?? text
  const code = error['code'] ?? error['type']
  return {
    status,
    said,
    code: typeof code === 'string' ? code : typeof error['type'] === 'string' ? error['type'] : undefined,
    overflow: status === 429 || status === 401 || status === 403 ? undefined : readOverflow(said, error),
    retryAfterMs: readRetryAfter(headers),
  }
}

function sentence(error: Record<string, unknown>, top: Record<string, unknown>): string | undefined {
  const detail = Array.isArray(top['detail']) ? (top['detail'] as unknown[])[0] : top['detail']
  const candidates: unknown[] = [
    error['message'],
    top['error'],
    top['message'],
    detail,
    isObject(detail) ? detail['msg'] : undefined,
  ]
  return candidates.find((candidate): candidate is string => typeof candidate === 'string' && candidate !== '')
}

function parsed(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body)
    // Some gateways answer with a list of one error.
    return Array.isArray(value) ? (value as unknown[])[0] : value
  } catch {
    return undefined
  }
}

/** `Retry-After` in seconds or as a date, `Retry-After-Ms`; never negative. */
export function readRetryAfter(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  const exact = headers['retry-after-ms']
  if (typeof exact === 'string' && /^\d+(\.\d+)?$/.test(exact)) return Number(exact)
  const text = headers['retry-after']?.trim()
  if (text === undefined || text === '') return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
