import { isObject, type Json, type JsonObject } from '../domain/json.ts'
import type { Message } from '../domain/message.ts'
import { UnfitExample } from './exporter.ts'

/** One tool definition, whatever the source's dialect. */
export interface ToolDefinition {
  readonly name: string
  readonly description: string
  readonly parameters: JsonObject
}

/** Reads OpenAI (`{type, function}`), bare (`{name, parameters}`) and Anthropic (`{name, input_schema}`) definitions. */
export function toolDefinitions(tools: readonly Json[] = []): readonly ToolDefinition[] {
  return tools.map((tool) => {
    const definition = isJsonObject(tool) && isJsonObject(tool['function']) ? tool['function'] : tool
    if (!isJsonObject(definition) || typeof definition['name'] !== 'string') {
      throw new UnfitExample('a tool definition has no name')
    }
    const { name, description } = definition
    const schema = definition['parameters'] ?? definition['input_schema']
    return {
      name,
      description: typeof description === 'string' ? description : '',
      parameters: isJsonObject(schema) ? schema : { type: 'object', properties: {} },
    }
  })
}

/** The definitions in OpenAI's shape, which chat templates expect. */
export function openAiTools(tools: readonly Json[] = []): readonly JsonObject[] {
  return toolDefinitions(tools).map(({ name, description, parameters }) => ({
    type: 'function',
    function: { name, description, parameters },
  }))
}

/** How to call the tools, as text for a system message (the text form of `call-text.ts`). */
function toolDocs(tools: readonly Json[] = []): string {
  const functions = toolDefinitions(tools).map(functionDoc).join('\n\n')
  return `You can call these functions:

${functions}

To call a function, end your reply with one block of this form and write nothing after it:
<function=NAME>
<parameter=PARAMETER>VALUE</parameter>
</function>`
}

function functionDoc({ name, description, parameters }: ToolDefinition): string {
  const head = description === '' ? `Function ${name}` : `Function ${name}: ${description}`
  const properties = isJsonObject(parameters['properties']) ? parameters['properties'] : {}
  const required = Array.isArray(parameters['required']) ? parameters['required'] : []
  const lines = Object.entries(properties).map(
    ([key, spec]) => `- ${key} ${parameterDoc(spec, required.includes(key))}`,
  )
  return [head, ...lines].join('\n')
}

function parameterDoc(spec: Json, required: boolean): string {
  const { type, description, enum: choices } = isJsonObject(spec) ? spec : {}
  const kind = typeof type === 'string' ? type : 'any'
  const need = required ? 'required' : 'optional'
  const text = typeof description === 'string' ? `: ${description}` : ''
  const values = Array.isArray(choices) ? ` One of ${JSON.stringify(choices)}.` : ''
  return `(${kind}, ${need})${text}${values}`
}

/**
 * Adds the tool docs to the system message (or as one), unless the prompt explains the text form already. Only what stands before
 * the first reply counts: a file that was looked at later explains nothing.
 */
export function withToolDocs(messages: readonly Message[], tools: readonly Json[] = []): readonly Message[] {
  if (tools.length === 0 || explainsTextForm(messages)) return messages
  const docs = toolDocs(tools)
  const [first, ...rest] = messages
  if (first?.role !== 'system') return [{ role: 'system', content: docs }, ...messages]
  return [{ ...first, content: `${first.content}\n\n${docs}` }, ...rest]
}

function explainsTextForm(messages: readonly Message[]): boolean {
  const reply = messages.findIndex(({ role }) => role === 'assistant')
  const before = reply < 0 ? messages : messages.slice(0, reply)
  return before.some(({ role, content }) => (role === 'system' || role === 'user') && content.includes('<function='))
}

function isJsonObject(value: Json | undefined): value is JsonObject {
  return isObject(value)
}
