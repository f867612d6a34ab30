import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, completionOf, eventsOf, type RawAnswer, type ReplyAnswer, refusal } from './openai-answers.ts'

export { type Answer, refusal } from './openai-answers.ts'

/** A chat message as it arrives on the wire. */
export interface WireMessage {
  readonly role: string
  readonly content: string | null
  readonly tool_calls?: readonly {
    readonly id: string
    readonly function: { readonly name: string; readonly arguments: string }
  }[]
  readonly tool_call_id?: string
  readonly name?: string
}

/** Body of `POST /v1/chat/completions`. */
export interface WireBody {
  readonly model: string
  readonly messages: readonly WireMessage[]
  readonly stream?: boolean
  readonly n?: number
  readonly max_tokens?: number
  readonly stop?: readonly string[]
  readonly tools?: readonly unknown[]
  readonly stream_options?: { readonly include_usage?: boolean }
  readonly [field: string]: unknown
}

/** One chat request the server got. */
export interface ReceivedRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: WireBody
  /** `performance.now()` when it had arrived whole. */
  readonly at: number
  /** The client went away before the answer was complete. */
  closedEarly: boolean
  /** The answer was sent whole. */
  answered: boolean
}

export type ChatHandler = (request: ReceivedRequest, index: number) => Answer | Promise<Answer>

export interface OpenAiServerOptions {
  /** What each chat request gets: a function, or answers in order, the last one again and again. */
  readonly answers: ChatHandler | readonly Answer[]
  /** Names listed by `/v1/models`, or the whole body; default `test-model` with 32768 tokens, as vLLM lists it. */
  readonly models?: readonly string[] | object
  readonly contextTokens?: number
  /** Text of `/metrics`, body of `/props` and other `GET` paths; absent ones are 404. */
  readonly metrics?: string | (() => string)
  readonly paths?: Readonly<Record<string, unknown>>
  /** Without `Authorization: Bearer KEY`: 401. */
  readonly key?: string
  /** Every body is written in pieces of this many bytes, so that UTF-8 and JSON are cut anywhere. */
  readonly chunkBytes?: number
  readonly port?: number
}

export interface OpenAiServer {
  /** `http://127.0.0.1:PORT/v1`. */
  readonly url: string
  /** Without `/v1`. */
  readonly root: string
  readonly requests: readonly ReceivedRequest[]
  /** Paths of every request, chat or not, in order. */
  readonly paths: readonly string[]
  /** TCP connections accepted so far. */
  readonly connections: number
  close(): Promise<void>
}

/** A real HTTP server that speaks the OpenAI chat protocol with scripted answers, also wrong ones. */
export async function startOpenAiServer(
  script: ChatHandler | readonly Answer[] | OpenAiServerOptions,
): Promise<OpenAiServer> {
  const options: OpenAiServerOptions = typeof script === 'function' || isList(script) ? { answers: script } : script
  const requests: ReceivedRequest[] = []
  const paths: string[] = []
  const server = createServer((request, response) => {
    response.on('error', () => undefined)
    serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    paths.push(path)
    const text = await bodyText(request)
    if (options.key !== undefined && request.headers.authorization !== `Bearer ${options.key}`) {
      return send(response, refusal(401, 'Incorrect API key provided.', { code: 'invalid_api_key' }), options)
    }
    if (request.method === 'GET') return serveGet(path, response, options)
    if (!path.endsWith('/chat/completions')) {
      return send(response, { status: 404, body: { detail: 'Not Found' } }, options)
    }
    const received: ReceivedRequest = {
      path: request.url ?? '/',
      headers: request.headers,
      body: JSON.parse(text) as WireBody,
      at: performance.now(),
      closedEarly: false,
      answered: false,
    }
    const index = requests.push(received) - 1
    response.on('close', () => {
      received.closedEarly = !response.writableFinished
      received.answered = response.writableFinished
    })
    const answer = typeof options.answers === 'function' ? await options.answers(received, index) : nth(options, index)
    await send(response, answer, options, received.body)
  }

  let connections = 0
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  const root = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return {
    url: `${root}/v1`,
    root,
    requests,
    paths,
    get connections() {
      return connections
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function isList(script: readonly Answer[] | OpenAiServerOptions): script is readonly Answer[] {
  return Array.isArray(script)
}

function nth({ answers }: OpenAiServerOptions, index: number): Answer {
  if (typeof answers === 'function') throw new Error('answers is a function')
  return answers[Math.min(index, answers.length - 1)] ?? refusal(500, 'the script has no answers')
}

async function bodyText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function serveGet(path: string, response: ServerResponse, options: OpenAiServerOptions): Promise<void> {
  const own = options.paths?.[path]
  if (own !== undefined) return send(response, { status: 200, body: own }, options)
  if (path.endsWith('/models')) return send(response, { status: 200, body: modelsBody(options) }, options)
  if (path === '/metrics' && options.metrics !== undefined) {
    const text = typeof options.metrics === 'function' ? options.metrics() : options.metrics
    return send(response, { status: 200, body: text, headers: { 'content-type': 'text/plain' } }, options)
  }
  return send(response, { status: 404, body: { detail: 'Not Found' } }, options)
}

function modelsBody({ models = ['test-model'], contextTokens = 32_768 }: OpenAiServerOptions): unknown {
  if (!Array.isArray(models)) return models
  const data = models.map((id: unknown) => ({ id, object: 'model', owned_by: 'vllm', max_model_len: contextTokens }))
  return { object: 'list', data }
}

async function send(response: ServerResponse, answer: Answer, options: OpenAiServerOptions, body?: WireBody) {
  if (typeof answer === 'string') return sendReply(response, { content: answer }, options, body)
  if ('none' in answer) {
    if (answer.none === 'reset') response.destroy()
    return
  }
  if ('raw' in answer) return sendRaw(response, answer, options)
  if (!('status' in answer)) return sendReply(response, answer, options, body)
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {})
  const type = typeof answer.body === 'string' ? 'text/plain' : 'application/json'
  if (answer.delayMs) await sleep(answer.delayMs)
  response.writeHead(answer.status, { 'content-type': type, ...answer.headers })
  response.end(text)
}

async function sendReply(
  response: ServerResponse,
  answer: ReplyAnswer,
  options: OpenAiServerOptions,
  body?: WireBody,
): Promise<void> {
  const streams = body?.stream === true && answer.stream !== false
  const usage = usageOf(answer, body)
  if (answer.firstDelayMs) await sleep(answer.firstDelayMs)
  if (!streams) {
    response.writeHead(200, { 'content-type': 'application/json' })
    return write(response, [JSON.stringify(completionOf(answer, usage))], options)
  }
  const newline = answer.newline ?? '\n'
  const wanted = body.stream_options?.include_usage === true ? usage : undefined
  const lines = eventsOf(answer, wanted).map((event) => `data: ${JSON.stringify(event)}${newline}${newline}`)
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  if (answer.cutAfter !== undefined) {
    await write(response, lines.slice(0, answer.cutAfter), options, answer.delayMs, 'cut')
  } else {
    await write(response, [...lines, `data: [DONE]${newline}${newline}`], options, answer.delayMs)
  }
}

async function sendRaw(response: ServerResponse, answer: RawAnswer, options: OpenAiServerOptions): Promise<void> {
  response.writeHead(answer.status ?? 200, { 'content-type': 'text/event-stream', ...answer.headers })
  response.flushHeaders()
  await write(response, answer.raw, options, answer.delayMs, answer.then)
}

/** Writes pieces with back-pressure and stops when the client went away. */
async function write(
  response: ServerResponse,
  texts: readonly (string | Uint8Array)[],
  options: OpenAiServerOptions,
  delayMs = 0,
  then: RawAnswer['then'] = 'end',
): Promise<void> {
  for (const text of texts) {
    const bytes = Buffer.from(text)
    const step = options.chunkBytes ?? Math.max(1, bytes.length)
    for (let at = 0; at < bytes.length && !response.destroyed; at += step) {
      if (!response.write(bytes.subarray(at, at + step))) await drained(response)
      if (options.chunkBytes !== undefined) await sleep(0)
    }
    if (response.destroyed) return
    if (delayMs > 0) await sleep(delayMs)
  }
  if (then === 'end') response.end()
  if (then === 'cut') response.socket?.end(() => response.destroy())
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
    if (response.destroyed) done()
  })
}

function usageOf(answer: ReplyAnswer, body?: WireBody): object | undefined {
  if (answer.usage === 'none') return undefined
  const replies = answer.choices ?? [answer]
  const written = replies.map((reply) => JSON.stringify([reply.content, reply.reasoning, reply.toolCalls]).length)
  const prompt = answer.usage?.prompt ?? Math.ceil(JSON.stringify(body?.messages ?? []).length / 4)
  const completion = answer.usage?.completion ?? Math.ceil(written.reduce((sum, length) => sum + length, 0) / 4)
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(answer.usage?.cached === undefined ? {} : { prompt_tokens_details: { cached_tokens: answer.usage.cached } }),
  }
}
