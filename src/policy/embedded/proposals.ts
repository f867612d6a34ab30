import { type AgentState, activeEdits } from './agent-state.ts'
import { type Candidate, candidatesOf } from './candidates.ts'
import { type EditOutcome, outcomesOf } from './edit-outcomes.ts'
import type { FileRole, KnownFile } from './known-files.ts'
import { callReply, EDIT_THOUGHTS } from './replies.ts'

/** What a candidate reply is; the order is fixed, features and weights count on it. The last eight are those of figure 1. */
export const PROPOSAL_KINDS = [
  'view-repository',
  'view-source',
  'view-test',
  'view-other',
  'run-tests',
  'edit',
  'undo',
  'finish',
  'finish-unedited',
  'repeat',
  'edit-without-old',
  'wrong-tool',
  'wrong-parameter',
  'talk',
  'view-missing',
  'repeat-failed-edit',
] as const
export type ProposalKind = (typeof PROPOSAL_KINDS)[number]

/** A reply the policy could give, with what its features need. */
export interface Proposal {
  readonly kind: ProposalKind
  /** The literal whole reply: a thought of one line, then the call, which ends in `</function>`; `talk` has no call. */
  readonly reply: string
  /** The file that is shown, run or edited. */
  readonly file?: KnownFile
  readonly candidate?: Candidate
  /** Position among the edits, 0 is the most suspicious. */
  readonly rank?: number
  /** What the same change did when it was made before. */
  readonly tried?: EditOutcome
}

/** Files of one role that are offered to be shown, and programs to be run. */
const MAX_VIEWS = 8
const MAX_PROGRAMS = 3

/**
 * Everything the policy could reply now, in a fixed order and never nothing; two that are the same reply count once, a literal
 * repetition as `repeat`.
 */
export function propose(state: AgentState): readonly Proposal[] {
  const all = [
    ...repeats(state),
    ...views(state),
    ...runs(state),
    ...edits(state),
    ...ends(state),
    ...misbehaviours(state),
  ]
  const seen = new Set<string>()
  return all.filter(({ reply }) => !seen.has(reply) && seen.add(reply))
}

function views({ workdir, files }: AgentState): Proposal[] {
  const repository = editorCall('I look at what there is.', { command: 'view', path: workdir })
  return [
    { kind: 'view-repository', reply: repository },
    ...viewsOf(files, 'source', 'view-source'),
    ...viewsOf(files, 'test', 'view-test'),
    ...viewsOf(files, 'other', 'view-other'),
  ]
}

function viewsOf(files: readonly KnownFile[], role: FileRole, kind: ProposalKind): Proposal[] {
  return files
    .filter((file) => file.role === role && (file.views === 0 || file.changed))
    .slice(0, MAX_VIEWS)
    .map((file) => {
      const reply = editorCall(`I read ${file.name}.`, { command: 'view', path: file.path })
      return { kind, reply, file }
    })
}

/**
 * A wrong edit may make a test endless: it is ended after a second of work, which a busy machine does not shorten, after 5 s of
 * waiting, or with 64 MB of values.
 */
const BOUNDED_NODE = 'ulimit -t 1; exec timeout 5 node --max-old-space-size=64'

function runs({ files }: AgentState): Proposal[] {
  const tests = files.filter(({ role }) => role === 'test')
  const programs = tests.length > 0 ? tests : files.filter(({ role, name }) => role === 'source' && !name.includes('/'))
  const option = tests.length > 0 ? ' --test-reporter=tap' : ''
  return programs
    .filter(({ name }) => /^[\w./@+-]+$/.test(name))
    .slice(0, MAX_PROGRAMS)
    .map((file) => {
      const command = `(${BOUNDED_NODE}${option} ${file.name})`
      return { kind: 'run-tests', reply: callReply('I run the tests.', 'execute_bash', { command }), file }
    })
}

function edits(state: AgentState): Proposal[] {
  const outcomes = outcomesOf(state)
  const tried = new Map<string, EditOutcome>()
  const left = new Set<string>()
  for (const [at, { path, before, after, undone }] of state.edits.entries()) {
    if (after !== undefined) tried.set(`${path}\n${after}`, outcomes[at] ?? 'untested')
    if (before !== undefined && !undone) left.add(`${path}\n${before}`)
  }
  return candidatesOf(state)
    .filter(({ file, after }) => !left.has(`${file.path}\n${after}`))
    .map((candidate, rank) => {
      const outcome = tried.get(`${candidate.file.path}\n${candidate.after}`)
      return {
        kind: 'edit',
        reply: editReply(candidate),
        file: candidate.file,
        candidate,
        rank,
        ...(outcome === undefined ? {} : { tried: outcome }),
      }
    })
}

function editReply({ file, line, mutation, oldText, newText }: Candidate): string {
  return editorCall(`${EDIT_THOUGHTS[mutation.operator]} in line ${line + 1} of ${file.name}.`, {
    command: 'str_replace',
    path: file.path,
    old_str: oldText,
    new_str: newText,
  })
}

function ends(state: AgentState): Proposal[] {
  const active = activeEdits(state)
  const last = active.at(-1)
  const undo: Proposal[] =
    last === undefined
      ? []
      : [{ kind: 'undo', reply: editorCall('I take the last change back.', { command: 'undo_edit', path: last.path }) }]
  const message = last === undefined ? 'There is nothing to change.' : `I changed ${last.path}.`
  const reply = callReply('I am done.', 'finish', { message })
  return [...undo, { kind: last === undefined ? 'finish-unedited' : 'finish', reply }]
}

function repeats({ actions }: AgentState): Proposal[] {
  const last = actions.at(-1)
  return last === undefined || last.reply.trim() === '' ? [] : [{ kind: 'repeat', reply: last.reply }]
}

const TALK = [
  'I think I know what the problem is. Shall I go on and change the code?',
  'The problem is in the code that the report is about. Please tell me which change you would like.',
] as const

function misbehaviours(state: AgentState): Proposal[] {
  const { workdir, files, actions } = state
  const source = files.find(({ role }) => role === 'source')?.path ?? `${workdir}/src/index.js`
  const missing = ['lib/main.js', 'src/main.js', 'app.js'].map((name) => `${workdir}/${name}`)
  const path = missing.find((other) => !files.some((file) => file.path === other)) ?? `${workdir}/none.js`
  const talks = actions.filter(({ kind }) => kind === 'message').length
  const failed = failedEdit(state)
  return [
    {
      kind: 'edit-without-old',
      reply: editorCall('I change the function.', { command: 'str_replace', path: source, new_str: 'return result' }),
    },
    {
      kind: 'wrong-tool',
      reply: callReply('I open the file.', 'open_file', { path: source, line: '1' }),
    },
    {
      kind: 'wrong-parameter',
      reply: callReply('I run the tests.', 'execute_bash', { cmd: `cd ${workdir} && npm test` }),
    },
    { kind: 'talk', reply: TALK[talks % TALK.length] ?? TALK[0] },
    {
      kind: 'view-missing',
      reply: editorCall('I look at the entry of the program.', { command: 'view', path }),
    },
    ...(failed === undefined ? [] : [{ kind: 'repeat-failed-edit' as const, reply: failed }]),
  ]
}

/** The newest edit that was refused, or one that is in force: the editor refuses it now. */
function failedEdit({ actions, edits: made }: AgentState): string | undefined {
  const at = actions.findLastIndex(
    ({ kind, observed }, step) =>
      kind === 'edit' && (observed.failed || made.some((edit) => edit.step === step && !edit.undone)),
  )
  return at < 0 || at === actions.length - 1 ? undefined : actions[at]?.reply
}

function editorCall(thought: string, parameters: Readonly<Record<string, string>>): string {
  return callReply(thought, 'str_replace_editor', parameters)
}
