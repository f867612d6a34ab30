import { randomBytes } from 'node:crypto'
import type { TaskGrading } from '../domain/task.ts'

/** What to run for the tests, and which part of its output is theirs. */
export interface TestScript {
  /** Bash; run by `RUN_STDIN`. */
  readonly text: string
  /** The part of the output the tests printed, and the exit code of their command where the script itself tells it. */
  read(output: string): { readonly log: string; readonly exitCode: number | undefined }
}

/**
 * Commands as one script with stderr joined to stdout from the beginning: with two pipes the order of what they hold is lost.
 * The tests run in a process of their own, apart from setup, patch and install, so that all of its output is theirs and its exit
 * code comes from the Sandbox, where nothing that the patch brings can write it.
 */
export function commandScript(commands: readonly string[]): TestScript {
  return {
    text: ['exec 2>&1', ...commands, ''].join('\n'),
    read: (output) => ({ log: output, exitCode: undefined }),
  }
}

const START = '>>>>> Start Test Output'
const END = '>>>>> End Test Output'

/**
 * A row's own script (SWE-bench `eval_script`), which installs and tests in one process. Its fixed markers get a random word, so
 * that nothing printed by the install or by the tests is taken for them, and the exit code is noted before the end marker:
 * that of the whole script is the one of its last clean-up.
 */
export function rowScript(script: string): TestScript {
  const word = randomBytes(12).toString('hex')
  const lines = script.split('\n')
  const start = lines.findIndex((line) => line.includes(START))
  const end = lines.findIndex((line, at) => at > start && line.includes(END))
  if (start === -1 || end === -1) return commandScript([script])
  const marked = lines.map((line) => line.replaceAll(START, `${START} ${word}`).replaceAll(END, `${END} ${word}`))
  marked.splice(end, 0, `echo ">>>>> ${word} exit code $?"`)
  return {
    text: ['exec 2>&1', ...marked, ''].join('\n'),
    read: (output) => readMarked(output, word),
  }
}

function readMarked(output: string, word: string): { readonly log: string; readonly exitCode: number | undefined } {
  const end = output.indexOf(`${END} ${word}`)
  const until = end === -1 ? output.length : output.lastIndexOf('\n', end) + 1
  const start = output.lastIndexOf(`${START} ${word}`, until)
  if (start === -1) return { log: '', exitCode: undefined }
  const from = output.indexOf('\n', start) + 1
  const code = new RegExp(`^>>>>> ${word} exit code (\\d+)$`, 'm').exec(output)?.[1]
  return { log: from === 0 ? '' : output.slice(from, until), exitCode: code === undefined ? undefined : Number(code) }
}

/** The script of a Task's tests. */
export function testScript(grading: TaskGrading): TestScript {
  return grading.script === undefined ? commandScript(grading.commands) : rowScript(grading.script)
}

/**
 * The test commands cut down to the tests that must begin to pass: the files of the last command become their names. `undefined`
 * where that cannot be told: no pytest, names cut off at a space, or files named in another way.
 */
export function failToPassScript(grading: TaskGrading): TestScript | undefined {
  const { commands, failToPass, script, parser } = grading
  const last = commands.at(-1)
  const isPytest = parser.startsWith('pytest') || parser === 'seaborn' || parser === 'matplotlib'
  if (script !== undefined || last === undefined || !isPytest || failToPass.length === 0) return undefined
  const names = failToPass.filter(
    (name) => /^[\w./-]+\.py::[\w:[\]./-]+$/.test(name) && /^[^[]*(?:\[.*\])?$/.test(name),
  )
  if (names.length !== failToPass.length || names.length > 200) return undefined
  const files = new Set(names.map((name) => name.slice(0, name.indexOf('::'))))
  const words = last.split(' ')
  const kept = words.filter((word) => !files.has(word) && !/^[\w./-]+\.py$/.test(word))
  if (words.filter((word) => files.has(word)).length !== files.size || !/\bpytest\b|\bpy\.test\b/.test(last))
    return undefined
  return commandScript([...commands.slice(0, -1), [...kept, ...names.map((name) => `'${name}'`)].join(' ')])
}
