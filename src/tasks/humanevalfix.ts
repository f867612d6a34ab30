import { structuredPatch } from 'diff'
import { z } from 'zod'
import type { FileMap, TaskDefinition } from '../domain/task.ts'
import { START_REPOSITORY } from './start-repository.ts'
import {
  CASE_FILE,
  HIDDEN_FOLDER,
  JAVASCRIPT_RUNNER,
  JS_MD5,
  judgeCommand,
  PYTHON_RUNNER,
} from './humanevalfix-runner.ts'
import { idField, optionalText, requiredText, type Row, RowError } from './row.ts'

/** What differs between the languages of HumanEvalPack. */
interface Language {
  readonly set: 'humanevalfix-python' | 'humanevalfix-js'
  readonly extension: string
  readonly runner: { readonly file: string; readonly text: string; readonly command: string }
  /** The functions a declaration declares; the last one is to be repaired. */
  readonly declares: RegExp
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  Python: {
    set: 'humanevalfix-python',
    extension: 'py',
    runner: {
      file: `${HIDDEN_FOLDER}/run.py`,
      text: PYTHON_RUNNER,
      command: `python3 -I -B ${HIDDEN_FOLDER}/run.py`,
    },
    declares: /^def\s+(\w+)\s*\(/gm,
  },
  JavaScript: {
    set: 'humanevalfix-js',
    extension: 'js',
    runner: { file: `${HIDDEN_FOLDER}/run.cjs`, text: JAVASCRIPT_RUNNER, command: `node ${HIDDEN_FOLDER}/run.cjs` },
    declares: /^(?:const|let|var|function)\s+([\w$]+)/gm,
  },
}
/** Twice the time of the program and the start of a slow container. */
const TIMEOUT_MS = 30_000
const MD5_FILE = 'node_modules/js-md5/index.js'

/** What the hidden case file tells: `entryPoint` is the function as the file names it, `setup` runs before the test. */
const caseSchema = z.object({ file: z.string(), entryPoint: z.string(), setup: z.string(), test: z.string() })
export type HumanEvalFixCase = z.infer<typeof caseSchema>

/**
 * A row of HumanEvalPack, Python or JavaScript, as OpenHands' `humanevalfix` poses it: one file with the buggy function and its
 * tests. Judged by the set's own test, whatever the file's copy of it has become.
 * @throws RowError
 */
export function humanEvalFixTask(row: Row): TaskDefinition {
  const id = idField(row, 'task_id')
  const name = id.slice(0, Math.max(0, id.indexOf('/')))
  const language = Object.hasOwn(LANGUAGES, name) ? LANGUAGES[name] : undefined
  if (language === undefined || !/^\w+\/\d{1,6}$/.test(id)) {
    throw new RowError(
      `field \`task_id\`: \`${name || id}\` is not supported; HumanEvalFix is read for Python/N and JavaScript/N`,
    )
  }
  const [declaration, buggy, canonical, test] = [
    requiredText(row, 'declaration'),
    requiredText(row, 'buggy_solution'),
    requiredText(row, 'canonical_solution'),
    requiredText(row, 'test'),
  ]
  const entryPoint = [...declaration.matchAll(language.declares)].at(-1)?.[1]
  if (entryPoint === undefined) throw new RowError('field `declaration` declares no function')
  const setup = ['import', 'test_setup']
    .map((field) => optionalText(row, field) ?? '')
    .join('\n')
    .trim()
  const file = `${id.replace('/', '__')}.${language.extension}`
  const text = (solution: string): string => ended(`${declaration}${solution}\n${test}`)
  const modules: FileMap = `${declaration}${buggy}${canonical}`.includes('js-md5') ? { [MD5_FILE]: JS_MD5 } : {}
  return {
    id,
    set: language.set,
    statement: `Repair the function \`${entryPoint}\` in \`${file}\` so that all of its tests pass. The file holds:\n\n${text(buggy)}`,
    referencePatch: unifiedDiff(file, text(buggy), text(canonical)),
    environment: {
      workdir: '/workspace',
      files: { ...modules, [file]: text(buggy) },
      setup: START_REPOSITORY,
      network: false,
      variables: {},
    },
    grading: {
      files: {
        ...modules,
        [language.runner.file]: language.runner.text,
        [CASE_FILE]: JSON.stringify({ file, entryPoint, setup, test } satisfies HumanEvalFixCase),
      },
      install: [],
      commands: [judgeCommand(language.runner.command)],
      parser: 'exit-code',
      rules: 'exit-code',
      evaluation: 'pass_and_fail',
      failToPass: [],
      passToPass: [],
      timeoutMs: TIMEOUT_MS,
    },
  }
}

/** The file a HumanEvalFix Task asks to repair and what in it; `undefined` for a Task of another set. */
export function humanEvalFixCase(task: TaskDefinition): HumanEvalFixCase | undefined {
  if (task.set !== 'humanevalfix-python' && task.set !== 'humanevalfix-js') return undefined
  const text = task.grading.files[CASE_FILE]
  if (text === undefined) return undefined
  const parsed = caseSchema.safeParse(JSON.parse(text))
  return parsed.success ? parsed.data : undefined
}

/** A diff `git apply` takes, with `a/` and `b/`; both texts end in a line break. */
export function unifiedDiff(file: string, before: string, after: string): string {
  const { hunks } = structuredPatch(file, file, before, after)
  const bodies = hunks.map(
    ({ oldStart, oldLines, newStart, newLines, lines }) =>
      `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@\n${lines.join('\n')}\n`,
  )
  return `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n${bodies.join('')}`
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
