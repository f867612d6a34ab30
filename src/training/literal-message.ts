import type { Message } from '../domain/message.ts'

/**
 * The messages of a conversation with call ids that say nothing but the call's place in it: `call_1`, `call_2`, … A result is
 * given the id of the call it answered, by its old id or, without one, by its turn. So the ids of a path depend on the path alone,
 * whichever Trajectory its messages were taken from.
 */
export function withPathIds(messages: readonly Message[]): readonly Message[] {
  let count = 0
  let open: { readonly source: string | undefined; readonly path: string }[] = []
  return messages.map((message) => {
    if (message.role === 'assistant') {
      const calls = (message.toolCalls ?? []).map((call) => ({ call, path: `call_${++count}` }))
      open = calls.map(({ call, path }) => ({ source: call.id, path }))
      return calls.length === 0
        ? message
        : { ...message, toolCalls: calls.map(({ call, path }) => ({ ...call, id: path })) }
    }
    if (message.role !== 'tool') return message
    const { toolCallId: source, ...result } = message
    const at = open.findIndex((call) => source === undefined || call.source === source)
    const [answered] = at < 0 ? [] : open.splice(at, 1)
    return answered === undefined ? result : { ...result, toolCallId: answered.path }
  })
}

/** What a chat template can tell a message from others by, as text. */
export function messageKey({ role, content, reasoning, toolCalls = [], toolCallId, name }: Message): string {
  const calls = toolCalls.map((call) => [call.id ?? null, call.name, call.arguments])
  return JSON.stringify([role, content, reasoning ?? null, calls, toolCallId ?? null, name ?? null])
}
