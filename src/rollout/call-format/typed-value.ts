import { isObject, type Json } from '../../domain/json.ts'

/** A value of the type that a schema asks for, or what was expected in its place. */
export type Typed = { readonly value: Json } | { readonly expected: string }

/**
 * Reads an argument as its JSON Schema (`type`, `enum`) asks. Text forms carry every value as text and models quote
 * numbers in native calls too, so a value written as text is read where that cannot change its meaning.
 */
export function typedValue(value: Json, schema: unknown): Typed {
  const { type, enum: choices } = isObject(schema) ? schema : {}
  if (Array.isArray(choices)) return oneOf(value, choices)
  switch (type) {
    case 'integer': {
      const read = numberIn(value)
      return read !== undefined && Number.isSafeInteger(read) ? { value: read } : { expected: 'an integer' }
    }
    case 'number': {
      const read = numberIn(value)
      return read === undefined ? { expected: 'a number' } : { value: read }
    }
    case 'boolean': {
      const read = flagIn(value)
      return read === undefined ? { expected: 'true or false' } : { value: read }
    }
    case 'array': {
      const read = typeof value === 'string' ? parsed(value) : value
      return Array.isArray(read) ? { value: read } : { expected: 'an array in JSON form, such as [1, 20]' }
    }
    case 'object': {
      const read = typeof value === 'string' ? parsed(value) : value
      return isObject(read) ? { value: read as Json } : { expected: 'an object in JSON form' }
    }
    case 'string':
      return typeof value === 'object' ? { expected: 'a text' } : { value: String(value) }
    default:
      return { value }
  }
}

/** The choice meant: equal, or equal but for white space and case (`True` for `true`). */
function oneOf(value: Json, choices: readonly unknown[]): Typed {
  const plain = (choice: unknown): string => String(choice).trim().toLowerCase()
  const found =
    choices.find((choice) => choice === value) ??
    (typeof value === 'object' ? undefined : choices.find((choice) => plain(choice) === plain(value)))
  if (typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean') return { value: found }
  return { expected: `one of ${choices.map((choice) => `\`${String(choice)}\``).join(', ')}` }
}

function numberIn(value: Json): number | undefined {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined
}

function flagIn(value: Json): boolean | undefined {
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return word === 'true' ? true : word === 'false' ? false : undefined
}

function parsed(text: string): Json | undefined {
  try {
    const read: Json = JSON.parse(text)
    return read
  } catch {
    return undefined
  }
}
