import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Replies, in the text form, that solve, spoil or leave alone the task of `writeSumTask`. */
export const VIEW = call('str_replace_editor', { command: 'view', path: '/workspace/sum.js' })
export const FIX = call('str_replace_editor', {
  command: 'str_replace',
  path: '/workspace/sum.js',
  old_str: 'a - b',
  new_str: 'a + b',
})
export const SPOIL = call('str_replace_editor', {
  command: 'str_replace',
  path: '/workspace/sum.js',
  old_str: 'a - b',
  new_str: 'a * b',
})
export const FINISH = call('finish', { message: 'done' })

/** A reply with one call in the text form. */
export function call(name: string, parameters: Readonly<Record<string, string>>): string {
  const lines = Object.entries(parameters).map(([key, value]) => `<parameter=${key}>${value}</parameter>`)
  return [`I call ${name}.`, `<function=${name}>`, ...lines, '</function>'].join('\n')
}

export function shell(command: string): string {
  return call('execute_bash', { command })
}

/** A task folder: a JavaScript file with one bug, and a hidden test. */
export function writeSumTask(folder: string, id: string): string {
  const task = join(folder, id)
  mkdirSync(join(task, 'files'), { recursive: true })
  mkdirSync(join(task, 'tests'), { recursive: true })
  writeFileSync(
    join(task, 'task.json'),
    JSON.stringify({
      id,
      statement: 'sum(a, b) in /workspace/sum.js must return the sum of its arguments.',
      setup: [
        'git init -q && git add -A && git -c user.name=a -c user.email=a@b commit -qm start --date=2020-01-01T00:00:00Z',
      ],
      tests: { commands: ['node sum.test.js'], timeoutSeconds: 20 },
    }),
  )
  writeFileSync(join(task, 'files', 'sum.js'), 'module.exports = (a, b) => a - b\n')
  writeFileSync(
    join(task, 'tests', 'sum.test.js'),
    "const sum = require('./sum.js')\nif (sum(2, 3) !== 5 || sum(1, 1) !== 2) process.exit(1)\n",
  )
  writeFileSync(
    join(task, 'reference.patch'),
    '--- a/sum.js\n+++ b/sum.js\n@@ -1 +1 @@\n-module.exports = (a, b) => a - b\n+module.exports = (a, b) => a + b\n',
  )
  return task
}

/** A script: one line of replies per run, in turn. */
export function writeScript(folder: string, lines: readonly object[]): string {
  const path = join(folder, 'script.jsonl')
  writeFileSync(path, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`)
  return path
}
