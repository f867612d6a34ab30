import { Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** An answer whose body still comes: `read` or `close` must be called. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /**
   * Hands out the body as it comes. `take` returns `enough` when nothing more is wanted: the rest may run out for a second, so
   * that the connection can be kept. Rejects when the body breaks off or `take` throws.
   */
  read(take: (bytes: Uint8Array) => 'enough' | undefined): Promise<void>
  /** Closes the connection. */
  close(): void
}

export interface HttpQuestion {
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** JSON text; makes it a `POST`. */
  readonly body?: string
  /** Aborting it ends request and body at once. */
  readonly signal: AbortSignal
  /** For the connection alone; default 15 s. */
  readonly connectMs?: number
}

const CONNECT_MS = 15_000
const DRAIN_MS = 1000
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

const direct = { 'http:': new HttpAgent({ keepAlive: true }), 'https:': new HttpsAgent({ keepAlive: true }) }
/** As other tools do, `HTTP_PROXY` and its kin hold for every host that is not this machine. */
const proxied = {
  'http:': new HttpAgent({ keepAlive: true, proxyEnv: process.env }),
  'https:': new HttpsAgent({ keepAlive: true, proxyEnv: process.env }),
}

/**
 * Asks a server and gives its answer as soon as the headers are there. Redirects are not followed (a key must not travel).
 * Not `fetch`: that gives up after five minutes without a header or a body byte, which a queueing model server needs.
 * A kept connection that the server closed in the meantime is replaced once.
 *
 * @throws the error of Node (`ECONNREFUSED`, …), or of `signal`.
 */
export async function askHttp(question: HttpQuestion): Promise<HttpAnswer> {
  try {
    return await ask(question, true)
  } catch (error) {
    if (error instanceof StaleConnection) return ask(question, false)
    throw error
  }
}

/** The first `maxBytes` of a body as text. */
export async function bodyText(answer: HttpAnswer, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  await answer.read((chunk) => {
    chunks.push(chunk)
    size += chunk.length
    return size >= maxBytes ? 'enough' : undefined
  })
  return Buffer.concat(chunks).subarray(0, maxBytes).toString()
}

class StaleConnection extends Error {}

function ask({ url, headers, body, signal, connectMs }: HttpQuestion, kept: boolean): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const protocol = url.protocol === 'https:' ? 'https:' : 'http:'
    const agents = LOOPBACK.test(url.hostname) ? direct : proxied
    const request = (protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: body === undefined ? 'GET' : 'POST',
      agent: kept ? agents[protocol] : false,
      signal,
      headers: {
        ...headers,
        accept: body === undefined ? '*/*' : 'text/event-stream, application/json',
        'accept-encoding': 'identity',
        'user-agent': 'sealign',
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
    })
    const timer = setTimeout(
      () => request.destroy(Object.assign(new Error('connection timed out'), { code: 'ETIMEDOUT' })),
      connectMs ?? CONNECT_MS,
    )
    const connected = () => clearTimeout(timer)
    request.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', connected)
      else connected()
    })
    request.on('close', connected)
    request.on('error', (error: NodeJS.ErrnoException) => {
      const stale = kept && request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      reject(stale && !signal.aborted ? new StaleConnection() : error)
    })
    request.on('response', (response: IncomingMessage) => {
      // Without a listener an error that comes when nobody reads any more would end the process.
      response.on('error', () => undefined)
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        read: (take) => read(response, take),
        close: () => response.destroy(),
      })
    })
    request.end(body)
  })
}

function read(response: IncomingMessage, take: (bytes: Uint8Array) => 'enough' | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onData = (bytes: Uint8Array) => {
      try {
        if (take(bytes) !== 'enough') return
        response.off('data', onData)
        drain(response)
        resolve()
      } catch (error) {
        response.destroy()
        reject(error)
      }
    }
    response.on('data', onData)
    response.on('end', resolve)
    response.on('error', reject)
    response.on('close', () => reject(Object.assign(new Error('closed early'), { code: 'ECONNRESET' })))
  })
}

function drain(response: IncomingMessage): void {
  const timer = setTimeout(() => response.destroy(), DRAIN_MS).unref()
  response.on('close', () => clearTimeout(timer))
  response.resume()
}
