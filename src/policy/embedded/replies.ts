import type { Operator } from './edits/mutation.ts'

/** A reply with one call, as the text form writes it; values of several lines stand on lines of their own. */
export function callReply(thought: string, name: string, parameters: Readonly<Record<string, string>>): string {
  const written = Object.entries(parameters).map(([key, value]) =>
    value === '' || value.includes('\n') || value.trim() !== value
      ? `<parameter=${key}>\n${value}\n</parameter>`
      : `<parameter=${key}>${value}</parameter>`,
  )
  return [thought, `<function=${name}>`, ...written, '</function>'].join('\n')
}

/** A reply as a server sends it: cut before the first of the stop texts. */
export function cutAtStop(
  reply: string,
  stop: readonly string[] | undefined,
): { readonly content: string; readonly stopText?: string } {
  let cut: { readonly content: string; readonly stopText?: string } = { content: reply }
  for (const text of stop ?? []) {
    const at = text === '' ? -1 : cut.content.indexOf(text)
    if (at >= 0) cut = { content: cut.content.slice(0, at), stopText: text }
  }
  return cut
}

/** What is said before an edit: what the operator takes to be wrong. */
export const EDIT_THOUGHTS: Readonly<Record<Operator, string>> = {
  boundary: 'The comparison may leave out or take in its bound',
  direction: 'The comparison may look the wrong way',
  equality: 'The comparison may ask for the wrong thing',
  arithmetic: 'The arithmetic may use the wrong operator',
  grouping: 'The terms may be grouped wrongly',
  logical: 'The conditions may be joined wrongly',
  negation: 'The condition may be the wrong way round',
  truthiness: 'A value that is there may be taken for nothing',
  clause: 'There may be a part too much',
  number: 'The number may be wrong',
  offset: 'It may be off by one',
  boolean: 'The truth value may be the wrong one',
  string: 'The text may be wrong',
  variable: 'The wrong variable may be used',
  property: 'The wrong property may be used',
  'operand-order': 'The order may be the wrong one',
  'call-name': 'The wrong function may be called',
  'call-argument': 'The arguments may be wrong',
  'call-wrap': 'A call may be missing or too much around it',
  copy: 'It may have to be a copy',
  await: 'The end may have to be waited for',
  assignment: 'The assignment may be of the wrong kind',
  reset: 'This may have to be set back',
  guard: 'A case may be missing',
  'statement-copy': 'A statement may be missing',
  'statement-move': 'The statements may be in the wrong order',
  'statement-drop': 'There may be a statement too much',
  return: 'The way out may be wrong',
}
