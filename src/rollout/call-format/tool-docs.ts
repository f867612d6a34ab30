import { isObject } from '../../domain/json.ts'
import type { Tool } from '../tool.ts'

/**
 * The tools as the system message of the text form tells them: per function its description and numbered parameters, then
 * the form of a call. Begins with an empty line, so that it can follow any system text.
 */
export function renderToolDocs(tools: readonly Tool[]): string {
  if (tools.length === 0) return ''
  return `

You can call these functions:

${tools.map(functionDoc).join('\n')}
To call a function, end your reply with one call in exactly this form and write nothing after it:

<function=name_of_the_function>
<parameter=name_of_a_parameter>a short value</parameter>
<parameter=name_of_another>
a value of
several lines
</parameter>
</function>

<IMPORTANT>
- A call begins with <function= and ends with </function>; each value stands between <parameter=NAME> and </parameter>.
- Give every required parameter, and no parameter that the function does not have.
- Values are taken literally: do not escape or quote them.
- Call one function per reply. Explain before the call what you want to find out or change; nothing may follow it.
</IMPORTANT>`
}

function functionDoc({ definition }: Tool, index: number): string {
  const { name, description, parameters } = definition
  const properties = isObject(parameters['properties']) ? Object.entries(parameters['properties']) : []
  const required = Array.isArray(parameters['required']) ? parameters['required'] : []
  const lines = properties.map(
    ([key, schema], number) => `  (${number + 1}) ${key} ${parameterDoc(schema, required.includes(key))}`,
  )
  return [
    `---- BEGIN FUNCTION #${index + 1}: ${name} ----`,
    `Description: ${description}`,
    ...(lines.length === 0 ? ['It takes no parameters.'] : ['Parameters:', ...lines]),
    `---- END FUNCTION #${index + 1} ----\n`,
  ].join('\n')
}

function parameterDoc(schema: unknown, required: boolean): string {
  const { type, description, enum: choices } = isObject(schema) ? schema : {}
  const kind = `(${typeof type === 'string' ? type : 'string'}, ${required ? 'required' : 'optional'})`
  const text = typeof description === 'string' ? `: ${description}` : ''
  const values = Array.isArray(choices)
    ? `\nAllowed values: [${choices.map((c) => `\`${String(c)}\``).join(', ')}]`
    : ''
  return `${kind}${text}${values}`
}
