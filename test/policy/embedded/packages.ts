import type { FileMap, TaskDefinition } from '../../../src/domain/task.ts'
import type { Message } from '../../../src/domain/message.ts'
import { textFormat } from '../../../src/rollout/call-format/text-format.ts'
import { DEFAULT_ROLLOUT_LIMITS } from '../../../src/rollout/limits.ts'
import { createOpenHandsProfile } from '../../../src/rollout/openhands-profile.ts'
import type { Tool } from '../../../src/rollout/tool.ts'
import { plainTask } from '../../tasks/plain-task.ts'

const PACKAGE = '{ "name": "shelf", "type": "module" }\n'

const SHELF = `/** Keeps things, the newest on top. */
export class Shelf {
  constructor(limit) {
    this.limit = limit
    this.things = []
  }

  put(thing) {
    if (this.things.length <= this.limit) this.things.push(thing)
    return this.things.length
  }

  top() {
    return this.things[this.things.length - 1]
  }
}
`

const SHELF_TEST = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Shelf } from '../src/shelf.js'

test('top is the newest thing', () => {
  const shelf = new Shelf(2)
  shelf.put('a')
  shelf.put('b')
  assert.equal(shelf.top(), 'b')
})

test('put stops at the limit', () => {
  const shelf = new Shelf(2)
  shelf.put('a')
  shelf.put('b')
  assert.equal(shelf.put('c'), 2)
})
`

/** A package with a bound that is off by one. */
export const SHELF_FILES: FileMap = {
  'package.json': PACKAGE,
  'src/shelf.js': SHELF,
  'test/shelf.test.js': SHELF_TEST,
}

export const SHELF_FIX = { old: 'this.things.length <= this.limit', new: 'this.things.length < this.limit' }

/** A Task of our folder format with these files in `/workspace`. */
export function packageTask(files: FileMap = SHELF_FILES, rest: Partial<TaskDefinition> = {}): TaskDefinition {
  return plainTask({
    id: 'shelf',
    statement: 'The shelf takes one thing too many: `put` should stop at the limit.',
    environment: { workdir: '/workspace', files, setup: [], network: false, variables: {} },
    ...rest,
  })
}

const profile = createOpenHandsProfile(textFormat)

/** What a rollout of the Task begins with. */
export function promptOf(task: TaskDefinition): readonly Message[] {
  return profile.start(task, DEFAULT_ROLLOUT_LIMITS).prompt
}

export function toolsOf(task: TaskDefinition): readonly Tool[] {
  return profile.start(task, DEFAULT_ROLLOUT_LIMITS).tools
}

export function said(content: string): Message {
  return { role: 'assistant', content }
}

export function answered(tool: string, text: string): Message {
  return { role: 'user', content: `EXECUTION RESULT of [${tool}]:\n${text}` }
}

/** A view of a folder as the editor answers it. */
export function listing(folder: string, names: readonly string[]): Message {
  const entries = names.map((name) => `${folder}/${name}`)
  return answered(
    'str_replace_editor',
    `Here's the files and directories up to 2 levels deep in ${folder}, excluding hidden items:\n${folder}/\n${entries.join('\n')}`,
  )
}

/** A view of a file as the editor answers it. */
export function viewOf(path: string, text: string): Message {
  const lines = text.replace(/\n$/, '').split('\n')
  const numbered = lines.map((line, at) => `${String(at + 1).padStart(6)}\t${line}`).join('\n')
  return answered('str_replace_editor', `Here's the result of running \`cat -n\` on ${path}:\n${numbered}\n`)
}

/** A conversation in which a Task's repository was listed and every file was read; nothing is run. */
export function readAll(task: TaskDefinition): readonly Message[] {
  const { workdir, files } = task.environment
  const view = (path: string) =>
    said(
      `I look.\n<function=str_replace_editor>\n<parameter=command>view</parameter>\n<parameter=path>${path}</parameter>\n</function>`,
    )
  return [
    ...promptOf(task),
    view(workdir),
    listing(workdir, Object.keys(files)),
    ...Object.entries(files).flatMap(([name, text]) => [
      view(`${workdir}/${name}`),
      viewOf(`${workdir}/${name}`, text),
    ]),
  ]
}
