import type { Message } from '../../domain/message.ts'
import type { ToolResult } from '../tool.ts'
import type { ParsedCall } from './parsed-reply.ts'

/**
 * Results of calls that stood in the reply's text, as a user message (OpenHands `fn_call_converter.py`); in one message, since
 * chat templates want the roles to take turns.
 */
export function renderResults(calls: readonly ParsedCall[], results: readonly ToolResult[]): Message[] {
  const texts = calls.map(({ tool }, index) => resultText(tool.name, answerOf(results[index])))
  return [{ role: 'user', content: texts.join('\n\n') }]
}

/** What a call is answered when the rollout ended before its turn. */
export function answerOf(result: ToolResult | undefined): string {
  return result === undefined ? 'ERROR:\nThis call was not run.' : result.text
}

/** What the Policy reads after a reply whose calls cannot be run. */
export function malformedFeedback(reason: string, how: string): string {
  return `ERROR:\n${reason} ${how}\n[An error occurred in the last action: nothing was run.]`
}

function resultText(name: string, text: string): string {
  return `EXECUTION RESULT of [${name}]:\n${text}`
}
