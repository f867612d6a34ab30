/** One reply of the server, before it is put on the wire. */
export interface FakeReply {
  readonly content?: string
  readonly reasoning?: string
  /** Where `reasoning` is written; vLLM and SGLang: `reasoning_content`, OpenRouter and newer vLLM: `reasoning`. */
  readonly reasoningField?: 'reasoning_content' | 'reasoning'
  readonly toolCalls?: readonly { readonly id?: string; readonly name: string; readonly arguments?: string | object }[]
  /** Default: `tool_calls` where there are any, else `stop`; `null`: the server never says. */
  readonly finish?: string | null
  /** vLLM's field: the stop text that was hit, or an end token. */
  readonly stopReason?: string | number
  /** Natural logarithms, sent with the last piece. */
  readonly logprobs?: readonly number[]
}

/** A whole answer with status 200 in the protocol's own form. */
export interface ReplyAnswer extends FakeReply {
  /** Several choices (`n` > 1) instead of the one described by the fields above. */
  readonly choices?: readonly FakeReply[]
  /** Tokens as the server counted them; `none`: it never tells. Default: characters / 4. */
  readonly usage?: 'none' | { readonly prompt: number; readonly completion: number; readonly cached?: number }
  /** `choices` of the usage chunk: vLLM clients meet both. */
  readonly usageChoices?: 'empty' | 'null'
  /** `false`: the server ignores `stream: true`. */
  readonly stream?: false
  /** Characters per delta, default 8. */
  readonly pieceLength?: number
  /** Before the first delta, and between deltas, milliseconds. */
  readonly firstDelayMs?: number
  readonly delayMs?: number
  /** The connection is cut after this many events. */
  readonly cutAfter?: number
  readonly newline?: '\n' | '\r\n'
}

/** Bytes as they are, status 200 unless told; for what no correct server would send. */
export interface RawAnswer {
  readonly raw: readonly (string | Uint8Array)[]
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly delayMs?: number
  /** After the last piece: a proper end (default), a cut connection, or silence. */
  readonly then?: 'end' | 'cut' | 'hold'
}

/** A refusal: `body` is sent as JSON, or as it is when a text. */
export interface StatusAnswer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly delayMs?: number
}

/** `silent`: the request is read and never answered; `reset`: the connection is cut before any byte. */
export interface NoAnswer {
  readonly none: 'silent' | 'reset'
}

/** What the server does with one request; a text is a plain reply. */
export type Answer = string | ReplyAnswer | RawAnswer | StatusAnswer | NoAnswer

/** A refusal in OpenAI's form. */
export function refusal(status: number, message: string, rest: { type?: string; code?: string | number } = {}): Answer {
  return { status, body: { error: { message, type: rest.type ?? 'invalid_request_error', code: rest.code ?? status } } }
}

const STAMP = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'test-model' }

/** The events of a streamed reply, each the JSON value of one `data:` line. */
export function eventsOf(answer: ReplyAnswer, usage: object | undefined): unknown[] {
  const replies = answer.choices ?? [answer]
  const queues = replies.map((reply, index) => choiceEvents(reply, index, answer.pieceLength ?? 8))
  const events: unknown[] = []
  for (let at = 0; queues.some((queue) => at < queue.length); at++) {
    for (const queue of queues) {
      const choice = queue[at]
      if (choice) events.push({ ...STAMP, object: 'chat.completion.chunk', choices: [choice] })
    }
  }
  if (usage) {
    events.push({
      ...STAMP,
      object: 'chat.completion.chunk',
      choices: answer.usageChoices === 'null' ? null : [],
      usage,
    })
  }
  return events
}

/** The answer of a server that does not stream. */
export function completionOf(answer: ReplyAnswer, usage: object | undefined): unknown {
  const replies = answer.choices ?? [answer]
  return {
    ...STAMP,
    object: 'chat.completion',
    choices: replies.map((reply, index) => ({
      index,
      message: {
        role: 'assistant',
        content: reply.content ?? null,
        ...(reply.reasoning === undefined ? {} : { [reply.reasoningField ?? 'reasoning_content']: reply.reasoning }),
        ...(reply.toolCalls ? { tool_calls: reply.toolCalls.map((call, at) => wireCall(call, at)) } : {}),
      },
      ...endOf(reply),
    })),
    ...(usage ? { usage } : {}),
  }
}

function choiceEvents(reply: FakeReply, index: number, pieceLength: number): object[] {
  const deltas: object[] = [{ role: 'assistant', content: '' }]
  for (const text of pieces(reply.reasoning ?? '', pieceLength)) {
    deltas.push({ [reply.reasoningField ?? 'reasoning_content']: text })
  }
  for (const text of pieces(reply.content ?? '', pieceLength)) deltas.push({ content: text })
  for (const [at, call] of (reply.toolCalls ?? []).entries()) {
    const whole = wireCall(call, at)
    const args = whole.function.arguments
    deltas.push({
      tool_calls: [
        {
          index: at,
          id: whole.id,
          type: 'function',
          function: { name: call.name, ...(args === undefined ? {} : { arguments: '' }) },
        },
      ],
    })
    for (const text of pieces(args ?? '', pieceLength)) {
      deltas.push({ tool_calls: [{ index: at, function: { arguments: text } }] })
    }
  }
  return [
    ...deltas.map((delta) => ({ index, delta, finish_reason: null })),
    ...(reply.finish === null ? [] : [{ index, delta: {}, ...endOf(reply) }]),
  ]
}

function endOf(reply: FakeReply): object {
  return {
    finish_reason: reply.finish ?? (reply.toolCalls?.length ? 'tool_calls' : 'stop'),
    ...(reply.stopReason === undefined ? {} : { stop_reason: reply.stopReason }),
    ...(reply.logprobs ? { logprobs: { content: reply.logprobs.map((logprob) => ({ token: 'x', logprob })) } } : {}),
  }
}

function wireCall(call: NonNullable<FakeReply['toolCalls']>[number], at: number) {
  const args = typeof call.arguments === 'object' ? JSON.stringify(call.arguments) : call.arguments
  return { id: call.id ?? `call_${at}`, type: 'function', function: { name: call.name, arguments: args } }
}

function pieces(text: string, length: number): string[] {
  const found: string[] = []
  for (let at = 0; at < text.length; at += length) found.push(text.slice(at, at + length))
  return found
}
