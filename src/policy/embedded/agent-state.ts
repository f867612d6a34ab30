import type { Message } from '../../domain/message.ts'
import { type KnownFile, KnownFiles, normalPath } from './known-files.ts'
import { listedPaths, numberedText } from './observations.ts'
import { type PastAction, readActions } from './past-actions.ts'
import { readTaskPrompt } from './task-prompt.ts'
import { readTestOutput, type TestOutput } from './test-output.ts'

/** An edit that took place. */
export interface PastEdit {
  /** Index of its reply, from 0. */
  readonly step: number
  readonly path: string
  /** Whole texts of the file; `undefined` where they cannot be told. */
  readonly before: string | undefined
  readonly after: string | undefined
  readonly undone: boolean
}

/** A run of the tests. */
export interface PastRun extends TestOutput {
  readonly step: number
  /** Of the files at that time: see `AgentState.version`. */
  readonly version: string
  readonly failing: number
  readonly passing: number
}

/**
 * Everything the embedded policy knows: read from the literal conversation, as a server would read it, and from nothing else.
 * Durations, process ids and the folder that really stands behind the working folder are not in it.
 */
export interface AgentState {
  readonly issue: string
  readonly workdir: string
  /** Oldest first; one per reply. */
  readonly actions: readonly PastAction[]
  /** In the order in which they became known. */
  readonly files: readonly KnownFile[]
  /** Whether the repository's folder was shown. */
  readonly listed: boolean
  /** Oldest first, those undone later included. */
  readonly edits: readonly PastEdit[]
  readonly runs: readonly PastRun[]
  /** The edits that are in force, as their steps: `3,7`; `''` is the repository as it was. */
  readonly version: string
  /** Replies at the end that make the same call, 0 before the first reply. */
  readonly repeats: number
  /** Messages of the framework that are no answer of a tool. */
  readonly nudges: number
}

/** Reads a conversation; never throws, whatever it holds. */
export function readAgentState(messages: readonly Message[]): AgentState {
  const { issue, workdir, files } = readTaskPrompt(messages)
  const actions = readActions(messages)
  const reading = new Reading(workdir, files)
  for (const [step, action] of actions.entries()) reading.take(action, step)
  const last = actions.at(-1)
  const changed = last === undefined ? 0 : actions.findLastIndex(({ key }) => key !== last.key) + 1
  return {
    issue,
    workdir,
    actions,
    files: reading.files.list(),
    listed: reading.listed,
    edits: reading.edits,
    runs: reading.runs,
    version: reading.version,
    repeats: actions.length - changed,
    nudges: actions.reduce((sum, { observed }) => sum + observed.nudges, 0),
  }
}

/** The newest run of the files as they are now; `undefined`: they were not tested. */
export function currentRun({ runs, version }: AgentState): PastRun | undefined {
  return runs.findLast((run) => run.version === version)
}

/** The newest run that failed, whatever was changed since. */
export function newestFailure({ runs }: AgentState): PastRun | undefined {
  return runs.findLast(({ failing }) => failing > 0)
}

/** Edits that are in force, oldest first. */
export function activeEdits({ edits }: AgentState): readonly PastEdit[] {
  return edits.filter(({ undone }) => !undone)
}

/** Commands that may write files in a way that is not followed here. */
const WRITES =
  /[>]|\bsed\b.*\s-i|\b(?:tee|mv|cp|rm|patch|truncate|dd)\b|\bgit\s+(?:apply|checkout|restore|reset|stash|revert)\b/

type EditDraft = { -readonly [Key in keyof PastEdit]: PastEdit[Key] }

/** The conversation up to one point. */
class Reading {
  readonly files: KnownFiles
  readonly edits: EditDraft[] = []
  readonly runs: PastRun[] = []
  listed = false
  readonly #workdir: string

  constructor(workdir: string, paths: readonly string[]) {
    this.#workdir = workdir
    this.files = new KnownFiles(workdir)
    for (const path of paths) this.files.learn(path)
  }

  get version(): string {
    return this.edits.flatMap(({ step, undone }) => (undone ? [] : step)).join(',')
  }

  take(action: PastAction, step: number): void {
    if (action.observed.failed) return
    switch (action.kind) {
      case 'view':
        return this.#view(action)
      case 'edit':
        return this.#edit(action, step)
      case 'undo':
        return this.#undo(action)
      case 'run':
        return this.#run(action, step)
      case 'other':
        if (WRITES.test(action.parameters['command'] ?? '')) this.files.forgetTexts()
        return undefined
      case 'finish':
      case 'message':
      case 'malformed':
        return undefined
    }
  }

  #view({ observed, parameters }: PastAction): void {
    const paths = listedPaths(observed.text)
    if (paths !== undefined) {
      if (normalPath(parameters['path'] ?? '') === this.#workdir) this.listed = true
      for (const path of paths) this.files.learn(path)
      return
    }
    const shown = numberedText(observed.text)
    if (shown === undefined) return
    const whole = !shown.clipped && parameters['view_range'] === undefined && shown.firstLine === 1
    this.files.show(shown.path, whole ? `${shown.text}\n` : undefined)
  }

  #edit({ observed, parameters }: PastAction, step: number): void {
    const path = normalPath(parameters['path'] ?? '')
    const after = afterEdit(this.files.textOf(path), parameters)
    const snippet = numberedText(observed.text)
    const agrees = snippet === undefined || (after !== undefined && standsAt(after, snippet.firstLine, snippet.text))
    const edit = this.files.edit(path, agrees ? after : undefined)
    this.edits.push({ step, path, before: edit?.before, after: agrees ? after : undefined, undone: false })
  }

  #undo({ observed, parameters }: PastAction): void {
    const path = normalPath(parameters['path'] ?? '')
    const shown = numberedText(observed.text)
    this.files.undo(path, shown === undefined || shown.clipped ? undefined : `${shown.text}\n`)
    const undone = this.edits.findLast((edit) => edit.path === path && !edit.undone)
    if (undone !== undefined) undone.undone = true
  }

  #run({ observed }: PastAction, step: number): void {
    const { tests, crashed } = readTestOutput(observed.text, observed.exitCode)
    const passing = tests.filter(({ passed }) => passed).length
    const failing = tests.length - passing
    this.runs.push({ step, version: this.version, tests, crashed, failing, passing })
    for (const { frames } of tests) for (const { path } of frames) this.files.learn(path)
  }
}

/** The text that an edit leads to; `undefined` where it cannot be told. */
function afterEdit(text: string | undefined, parameters: Readonly<Record<string, string>>): string | undefined {
  const { command, old_str: oldText, new_str: newText = '', file_text: fileText } = parameters
  if (command === 'create') return fileText
  if (command !== 'str_replace' || text === undefined || oldText === undefined || oldText === '') return undefined
  const at = text.indexOf(oldText)
  return at < 0 ? undefined : text.slice(0, at) + newText + text.slice(at + oldText.length)
}

/** Whether `part` is what stands in `text` from a line on, 1-based. */
function standsAt(text: string, firstLine: number, part: string): boolean {
  let at = 0
  for (let line = 1; line < firstLine; line++) {
    at = text.indexOf('\n', at) + 1
    if (at === 0) return false
  }
  return text.startsWith(part, at)
}
