import type { ToolCall } from '../domain/message.ts'
import { actionKind, callsOf, type StepDraft } from '../domain/trajectory.ts'
import { canonicalTool } from '../tree/canonical-call.ts'
import { canonicalText } from '../tree/canonical-text.ts'
import { exitCodeIn, isErrorEvent } from './step-reading.ts'

/** An event of OpenHands V0 as its stuck detector compares it: keys are equal where V0 calls the events equal. */
export type V0Event =
  | { readonly type: 'action'; readonly key: string; readonly isMessage: boolean }
  | {
      readonly type: 'observation'
      readonly key: string
      readonly isError: boolean
      /** An IPython cell's syntax error, equal for errors that V0 takes for the same. */
      readonly syntaxError: string | undefined
    }

/**
 * The events that V0 would have written for a Step, in groups after each of which it looks for a loop: an action per call
 * (the thought belongs to the first) with what it returned. A malformed reply leaves an error without an action. What the user
 * says is no event to the detector.
 */
export function v0Events(step: StepDraft): V0Event[][] {
  const kind = actionKind(step)
  if (kind === 'message') return [[{ type: 'action', key: `message ${step.reply.content}`, isMessage: true }]]
  if (kind === 'malformed') return [[errorEvent(step.observation[0]?.content ?? '')]]
  const thought = step.thought ?? step.reply.content
  const calls = callsOf(step)
  const groups = calls.map((call, at): V0Event[] => {
    const action: V0Event = { type: 'action', key: actionKey(call, at === 0 ? thought : ''), isMessage: false }
    const result = step.observation[at]?.content
    return result === undefined ? [action] : [action, observationEvent(call, result, step)]
  })
  // The import of a V0 history puts the error of a malformed reply, which V0 does not keep, behind the reply before it.
  for (const { content } of step.observation.slice(calls.length))
    if (isErrorEvent(content)) groups.push([errorEvent(content)])
  return groups
}

/** Dataclass equality, thought included; edits through an IPython cell by the first three lines of their code. */
function actionKey(call: ToolCall, thought: string): string {
  const args = typeof call.arguments === 'string' ? {} : call.arguments
  const { code } = args
  if (isCell(call) && typeof code === 'string' && code.includes('edit_file_by_replace(')) {
    const lines = code.split('\n', 4)
    return lines.length > 2 ? `edit ${lines.slice(0, 3).join('\n')}` : unequal()
  }
  const { is_input: isInput, ...rest } = args
  const input = isInput === true || isInput === 'true' ? ' input' : ''
  const given = typeof call.arguments === 'string' ? call.arguments : canonicalText(rest)
  return `${canonicalTool(call.name)}${input} ${given.length} ${given} ${thought}`
}

let unequalEvents = 0
/** V0 finds an edit of one or two lines equal to none, itself included. */
const unequal = (): string => `edit without a like ${++unequalEvents}`

/** A command's output by command and exit code, where the exit code is known; everything else by its whole content. */
function observationEvent(call: ToolCall, content: string, step: StepDraft): V0Event {
  if (isErrorEvent(content)) return errorEvent(content)
  if (isCell(call))
    return { type: 'observation', key: `cell ${content}`, isError: false, syntaxError: syntaxErrorOf(content) }
  const name = canonicalTool(call.name)
  const command = typeof call.arguments === 'string' ? undefined : call.arguments['command']
  // A Step keeps one exit code: of several calls it is the last one's.
  const known = callsOf(step).length === 1 ? step.exitCode : undefined
  const code = known ?? exitCodeIn(content)
  const ran = name === 'bash' && typeof command === 'string' && code !== undefined
  const key = ran ? `ran ${code} ${command}` : `${name} ${content}`
  return { type: 'observation', key, isError: false, syntaxError: undefined }
}

const errorEvent = (content: string): V0Event => ({
  type: 'observation',
  key: `error ${content}`,
  isError: true,
  syntaxError: undefined,
})

const isCell = ({ name }: ToolCall): boolean => name === 'execute_ipython_cell' || name === 'ipython'

const UNTERMINATED = 'SyntaxError: unterminated string literal (detected at line'
const INVALID = ['SyntaxError: invalid syntax. Perhaps you forgot a comma?', 'SyntaxError: incomplete input']

/** The error line before Jupyter's two closing lines; for invalid syntax together with the line that names the cell. */
function syntaxErrorOf(content: string): string | undefined {
  const lines = content.trim().split('\n')
  const [first = ''] = lines
  const [error = '', directory = '', interpreter = ''] = lines.slice(-3)
  if (lines.length < 3 || !directory.startsWith('[Jupyter current working directory:')) return undefined
  if (!interpreter.startsWith('[Jupyter Python interpreter:')) return undefined
  if (error.includes(UNTERMINATED)) return error
  const known = INVALID.some((message) => error.includes(message))
  return known && lines.length >= 6 && first.trim().startsWith('Cell In[1], line')
    ? `${first.trim()}\n${error}`
    : undefined
}
