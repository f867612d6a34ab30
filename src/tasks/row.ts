import { isObject } from '../domain/json.ts'
import type { TaskSet } from '../domain/task.ts'

/** One row of a set of Tasks, as JSON holds it. */
export type Row = Readonly<Record<string, unknown>>

/** A row that is no usable Task: one clause that names the field, what was found and what was expected. */
export class RowError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RowError'
  }
}

/** Most characters of an id, a command, a text and a patch, and most entries of a list of tests. */
export const ROW_LIMITS = {
  id: 200,
  name: 4_000,
  command: 65_536,
  text: 2_000_000,
  patch: 16_000_000,
  names: 200_000,
} as const

/** The text of a field; `undefined` when it is absent, null or blank. @throws RowError when it is something else or too long. */
export function optionalText(row: Row, field: string, most: number = ROW_LIMITS.text): string | undefined {
  const value = row[field]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new RowError(`field \`${field}\` is ${kindOf(value)}; expected text`)
  if (value.length > most) {
    throw new RowError(`field \`${field}\` has ${value.length} characters; at most ${most} are read`)
  }
  if (value.includes('\0')) throw new RowError(`field \`${field}\` holds a NUL character; expected text`)
  return value.trim() === '' ? undefined : value
}

/** @throws RowError when the field is absent or blank too. */
export function requiredText(row: Row, field: string, most: number = ROW_LIMITS.text): string {
  const text = optionalText(row, field, most)
  if (text === undefined) throw new RowError(`field \`${field}\` is missing or empty; expected text`)
  return text
}

/**
 * Texts of a field that holds a list, or JSON text of one (as Parquet and CSV copies of SWE-bench do); empty when absent.
 * @throws RowError when it is neither, or an entry is no text or too long.
 */
export function textList(row: Row, field: string, most: number = ROW_LIMITS.name): readonly string[] {
  const value = row[field]
  if (value === undefined || value === null || value === '') return []
  const list = typeof value === 'string' ? parsedList(field, value) : value
  if (!Array.isArray(list)) throw new RowError(`field \`${field}\` is ${kindOf(list)}; expected a list of texts`)
  if (list.length > ROW_LIMITS.names) {
    throw new RowError(`field \`${field}\` has ${list.length} entries; at most ${ROW_LIMITS.names} are read`)
  }
  return list.map((entry: unknown, at) => {
    if (typeof entry !== 'string') {
      throw new RowError(`field \`${field}\`, entry ${at + 1} is ${kindOf(entry)}; expected text`)
    }
    if (entry.length > most || entry.includes('\0')) {
      throw new RowError(
        `field \`${field}\`, entry ${at + 1} is longer than ${most} characters or holds a NUL character`,
      )
    }
    return entry
  })
}

/** Commands of a field that holds one text or a list of them, blank ones left out. @throws RowError */
export function commandList(row: Row, field: string): readonly string[] {
  const commands =
    typeof row[field] === 'string'
      ? [optionalText(row, field, ROW_LIMITS.command) ?? '']
      : textList(row, field, ROW_LIMITS.command)
  return commands.filter((command) => command.trim() !== '')
}

function parsedList(field: string, text: string): unknown {
  if (text.length > ROW_LIMITS.patch) {
    throw new RowError(`field \`${field}\` has ${text.length} characters; at most ${ROW_LIMITS.patch} are read`)
  }
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new RowError(`field \`${field}\` is text that is no JSON list; expected a list of texts`)
  }
}

/** A Task id as a row gives it: one line of at most 200 printable characters. @throws RowError */
export function idField(row: Row, field: string): string {
  return checkedId(requiredText(row, field, ROW_LIMITS.id), `field \`${field}\``)
}

/** @throws RowError when `id` may not name a Task. */
export function checkedId(id: string, where: string): string {
  if (id.length > ROW_LIMITS.id) {
    throw new RowError(`${where} has ${id.length} characters; an id has at most ${ROW_LIMITS.id}`)
  }
  if (/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(id) || id !== id.trim()) {
    throw new RowError(`${where} holds control characters or outer spaces; expected a plain id`)
  }
  return id
}

/** `owner/name`. @throws RowError */
export function repositoryField(row: Row, field: string): string {
  const repository = requiredText(row, field, ROW_LIMITS.id)
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new RowError(`field \`${field}\` is not of the form owner/name`)
  }
  return repository
}

/** A commit id, 7 to 64 hexadecimal digits. @throws RowError */
export function commitField(row: Row, field: string): string {
  const commit = requiredText(row, field, ROW_LIMITS.id)
  if (!/^[0-9a-f]{7,64}$/i.test(commit)) throw new RowError(`field \`${field}\` is not a commit id (hexadecimal)`)
  return commit
}

/** The first of `fields` that names a container image; `undefined` when none does. @throws RowError when it is malformed. */
export function imageField(row: Row, ...fields: readonly string[]): string | undefined {
  for (const field of fields) {
    const image = optionalText(row, field, 300)
    if (image !== undefined) return checkedImage(image, `field \`${field}\``)
  }
  return undefined
}

/** @throws RowError when `image` is no reference to a container image (registry, name, tag, digest). */
export function checkedImage(image: string, where: string): string {
  const form = /^[a-z0-9][\w.-]*(?::\d{1,5})?(?:\/[\w.-]+)*(?::[\w.-]{1,128})?(?:@sha256:[0-9a-f]{64})?$/i
  if (image.length > 300 || !form.test(image)) {
    throw new RowError(`${where} is no name of a container image`)
  }
  return image
}

/** Both lists of tests. @throws RowError when both are empty: then every patch would count as a fix. */
export function testLists(row: Row): { failToPass: readonly string[]; passToPass: readonly string[] } {
  const failToPass = textList(row, 'FAIL_TO_PASS')
  const passToPass = textList(row, 'PASS_TO_PASS')
  if (failToPass.length + passToPass.length === 0) {
    throw new RowError(
      'fields `FAIL_TO_PASS` and `PASS_TO_PASS` are both empty; expected the tests that decide success',
    )
  }
  return { failToPass, passToPass }
}

/** `--set` and the row disagree. */
export function notOfSet(set: TaskSet, expected: string): RowError {
  return new RowError(`it is no row of ${set}: expected ${expected}`)
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'an object'
  return typeof value === 'string' ? 'text' : `a ${typeof value}`
}
