import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from './define.ts'
import { argumentShapes, flagOf } from './parse.ts'

/** Values only a session knows, for completion: tasks, pair ids. Must be quick and must not throw. */
export type ValueSource = (argument: string) => readonly string[]

const GLOBAL_FLAGS = ['--session', '--json', '--no-color', '--help']

/** Completions of the last of these words (which may be empty): commands, flags, choices, paths, values of the session. */
export function complete(words: readonly string[], commands: readonly Command[], values: ValueSource): string[] {
  const typed = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const command = commands.find((candidate) => {
    const name = candidate.name.split(' ')
    return name.length <= before.length && name.every((word, index) => word === before[index])
  })
  const found = command
    ? argumentCompletions(command, before.slice(command.name.split(' ').length), typed, values)
    : commandCompletions(commands, before)
  return [...new Set(found)].filter((candidate) => candidate.startsWith(typed) && candidate !== typed).slice(0, 200)
}

function commandCompletions(commands: readonly Command[], before: readonly string[]): string[] {
  return commands.flatMap((command) => {
    const name = command.name.split(' ')
    const next = name[before.length]
    return next !== undefined && before.every((word, index) => word === name[index]) ? [next] : []
  })
}

function argumentCompletions(command: Command, given: readonly string[], typed: string, values: ValueSource): string[] {
  const shapes = argumentShapes(command)
  const last = given.at(-1)
  const open = shapes.find((shape) => last === `--${flagOf(shape.name)}` && shape.kind !== 'boolean')
  if (open) return valuesOf(open.name, open.choices, typed, values)
  if (last === '--session') return [...values('session')]
  if (typed.startsWith('-')) return [...shapes.map((shape) => `--${flagOf(shape.name)}`), ...GLOBAL_FLAGS]
  const place = given.filter((word) => !word.startsWith('-')).length
  const names = command.positional ?? []
  const name = names[Math.min(place, names.length - 1)]
  const shape = shapes.find((candidate) => candidate.name === name)
  return shape ? valuesOf(shape.name, shape.choices, typed, values) : []
}

function valuesOf(name: string, choices: readonly string[] | undefined, typed: string, values: ValueSource): string[] {
  if (choices) return [...choices]
  return /paths?$|^(out|file|folder|outcomes|follow|adapter|python)$/i.test(name)
    ? pathCompletions(typed)
    : [...values(name)]
}

function pathCompletions(typed: string): string[] {
  const folder = typed.endsWith('/') ? typed : dirname(typed)
  const prefix = typed.endsWith('/')
    ? typed
    : folder === '.' && !typed.startsWith('./')
      ? ''
      : `${folder}/`.replace('//', '/')
  try {
    return readdirSync(folder === '' ? '.' : folder, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith('.') || join(prefix, entry.name).startsWith(typed))
      .map((entry) => `${prefix}${entry.name}${entry.isDirectory() ? '/' : ''}`)
  } catch {
    return []
  }
}
