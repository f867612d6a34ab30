import { posix } from 'node:path'
import type { Message } from '../../domain/message.ts'

/** What the first user message says about the task. */
export interface TaskPrompt {
  /** What somebody reported, without the framework's own words and without code that only repeats a file. */
  readonly issue: string
  readonly workdir: string
  /** Files the message names as the place to work at, absolute. */
  readonly files: readonly string[]
}

const BEGIN = '--------------------- NEW TASK DESCRIPTION ---------------------\n'
const END = '\n--------------------- END OF NEW TASK DESCRIPTION ---------------------'
/** The sentence about the place, as `src/rollout/prompt.ts` words it for a folder, a single file and a repository. */
const PLACE =
  /The code is (?:at|in) (\/[^\s;:]{1,1000})[;:]|is checked out at (\/[^\s;:]{1,1000})\. Somebody reported this/g
const HOME = '/workspace'

export function readTaskPrompt(messages: readonly Message[]): TaskPrompt {
  const content = messages.find(({ role }) => role === 'user')?.content ?? ''
  const begin = content.indexOf(BEGIN)
  const end = content.lastIndexOf(END)
  const task = begin < 0 ? content : content.slice(begin + BEGIN.length, end < begin ? undefined : end)
  const place = [...task.matchAll(PLACE)].at(-1)
  const path = (place?.[1] ?? place?.[2] ?? HOME).replace(/\.$/, '')
  const isFile = /\.\w{1,4}$/.test(posix.basename(path))
  const before = place?.[1] === undefined ? task : task.slice(0, place.index)
  return {
    issue: (before.split('The file holds:\n\n')[0] ?? '').trim(),
    workdir: isFile ? posix.dirname(path) : path,
    files: isFile ? [path] : [],
  }
}
