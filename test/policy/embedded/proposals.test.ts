import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TaskDefinition } from '../../../src/domain/task.ts'
import type { Message } from '../../../src/domain/message.ts'
import { readAgentState } from '../../../src/policy/embedded/agent-state.ts'
import { PROPOSAL_KINDS, type Proposal, type ProposalKind, propose } from '../../../src/policy/embedded/proposals.ts'
import { textFormat } from '../../../src/rollout/call-format/text-format.ts'
import { readTasks } from '../../../src/tasks/read-tasks.ts'
import { DATA } from '../../importers/source-files.ts'
import { packageTask, promptOf, readAll, said, SHELF_FILES, SHELF_FIX, toolsOf } from './packages.ts'

const proposalsAfter = (messages: readonly Message[]): readonly Proposal[] => propose(readAgentState(messages))
const kindsOf = (proposals: readonly Proposal[]): readonly ProposalKind[] => [
  ...new Set(proposals.map(({ kind }) => kind)),
]

function replyOf(proposals: readonly Proposal[], kind: ProposalKind): string {
  return proposals.find((proposal) => proposal.kind === kind)?.reply ?? ''
}

/** What the text format makes of a reply: the call it would run, or why it would not. */
function parsed(task: TaskDefinition, reply: string) {
  const read = textFormat.parse(said(reply), toolsOf(task))
  if (read.kind !== 'call') return read.kind
  const [call] = read.calls
  return { tool: call?.tool.name, ...call?.args }
}

const task = packageTask()

describe('before anything was seen', () => {
  const proposals = proposalsAfter(promptOf(task))

  test('there is the repository to look at, and every way to misbehave', () => {
    expect(kindsOf(proposals)).toEqual([
      'view-repository',
      'finish-unedited',
      'edit-without-old',
      'wrong-tool',
      'wrong-parameter',
      'talk',
      'view-missing',
    ])
    expect(replyOf(proposals, 'view-repository')).toBe(`I look at what there is.
<function=str_replace_editor>
<parameter=command>view</parameter>
<parameter=path>/workspace</parameter>
</function>`)
  })

  test('each is what it is meant to be for the text format', () => {
    const kinds = Object.fromEntries(proposals.map(({ kind, reply }) => [kind, parsed(task, reply)]))
    expect(kinds).toMatchObject({
      'view-repository': { tool: 'str_replace_editor', command: 'view', path: '/workspace' },
      'finish-unedited': { tool: 'finish' },
      'edit-without-old': { tool: 'str_replace_editor', command: 'str_replace', path: '/workspace/src/index.js' },
      'wrong-tool': 'malformed',
      'wrong-parameter': 'malformed',
      talk: 'message',
      'view-missing': { tool: 'str_replace_editor', command: 'view', path: '/workspace/lib/main.js' },
    })
    expect(parsed(task, replyOf(proposals, 'edit-without-old'))).not.toHaveProperty('old_str')
  })
})

describe('when everything was read', () => {
  const messages = readAll(task)
  const proposals = proposalsAfter(messages)
  const edits = proposals.filter(({ kind }) => kind === 'edit')

  test('the tests can be run and the code changed; nothing is to be read again', () => {
    expect(kindsOf(proposals)).toEqual([
      'repeat',
      'view-repository',
      'run-tests',
      'edit',
      'finish-unedited',
      'edit-without-old',
      'wrong-tool',
      'wrong-parameter',
      'talk',
      'view-missing',
    ])
    expect(parsed(task, replyOf(proposals, 'run-tests'))).toEqual({
      tool: 'execute_bash',
      command: '(ulimit -t 1; exec timeout 5 node --max-old-space-size=64 --test-reporter=tap test/shelf.test.js)',
    })
    expect(proposals.length).toBeLessThanOrEqual(120)
  })

  test('every edit is a call that applies, and the most suspicious one is the fix', () => {
    const source = SHELF_FILES['src/shelf.js'] ?? ''
    for (const { reply, candidate } of edits) {
      const call = parsed(task, reply)
      expect(call).toEqual({
        tool: 'str_replace_editor',
        command: 'str_replace',
        path: '/workspace/src/shelf.js',
        old_str: candidate?.oldText,
        new_str: candidate?.newText,
      })
      expect(source.split(candidate?.oldText ?? '')).toHaveLength(2)
      expect(source.replace(candidate?.oldText ?? '', () => candidate?.newText ?? '')).toBe(candidate?.after)
    }
    expect(edits[0]?.candidate?.after).toBe(source.replace(SHELF_FIX.old, SHELF_FIX.new))
    expect(edits[0]?.reply.split('\n')[0]).toBe(
      'The comparison may leave out or take in its bound in line 9 of src/shelf.js.',
    )
  })

  test('no two proposals are the same reply, and equal conversations give equal proposals', () => {
    expect(new Set(proposals.map(({ reply }) => reply)).size).toBe(proposals.length)
    expect(proposalsAfter(structuredClone(messages)).map(({ reply }) => reply)).toEqual(
      proposals.map(({ reply }) => reply),
    )
  })

  test('an edit in force can be undone, tested, finished with, and said again in vain', () => {
    const [fix] = edits
    const source = fix?.candidate
    const snippet = (source?.after ?? '').split('\n').slice(4, 13)
    const numbered = snippet.map((line, at) => `${String(at + 5).padStart(6)}\t${line}`).join('\n')
    const edited: readonly Message[] = [
      ...messages,
      said(fix?.reply ?? ''),
      {
        role: 'user',
        content: `EXECUTION RESULT of [str_replace_editor]:\nThe file /workspace/src/shelf.js has been edited. Here's the result of running \`cat -n\` on a snippet of /workspace/src/shelf.js:\n${numbered}\nCheck that the change is what you meant.`,
      },
    ]
    const after = proposalsAfter(edited)
    expect(replyOf(after, 'repeat')).toBe(fix?.reply)
    expect(parsed(task, replyOf(after, 'undo'))).toMatchObject({
      command: 'undo_edit',
      path: '/workspace/src/shelf.js',
    })
    expect(kindsOf(after)).toEqual(expect.arrayContaining(['finish', 'view-source', 'run-tests', 'edit']))
    expect(kindsOf(after)).not.toContain('finish-unedited')
    const left = SHELF_FILES['src/shelf.js']
    expect(after.some(({ candidate }) => candidate?.after === left)).toBe(false)
    const talked = proposalsAfter([...edited, said('I think.'), { role: 'user', content: 'Please go on.' }])
    expect(replyOf(talked, 'repeat-failed-edit')).toBe(fix?.reply)
  })
})

test('the list of kinds is what weights were trained with', () => {
  expect(PROPOSAL_KINDS).toHaveLength(16)
})

const ROWS = join(DATA, 'tasks', 'humanevalpack', 'js.jsonl')
const haveRows = existsSync(ROWS)

describe.skipIf(!haveRows)(`HumanEvalFix${haveRows ? '' : ' (skipped: needs ../shared/data)'}`, () => {
  test('the one file is known from the prompt, run as a program, and changed', async () => {
    const fixes: string[] = []
    for await (const read of readTasks(ROWS)) {
      if (read.type !== 'task' || fixes.length >= 4) continue
      const { environment, id } = read.task
      const [name = '', text = ''] = Object.entries(environment.files)[0] ?? []
      const start = proposalsAfter(promptOf(read.task))
      expect(kindsOf(start)).toEqual(expect.arrayContaining(['view-source', 'run-tests']))
      expect(parsed(read.task, replyOf(start, 'run-tests'))).toMatchObject({
        command: `(ulimit -t 1; exec timeout 5 node --max-old-space-size=64 ${name})`,
      })
      expect(readAgentState(promptOf(read.task)).issue).not.toContain(text.slice(0, 40))
      const seen = proposalsAfter(readAll(read.task)).filter(({ kind }) => kind === 'edit')
      expect(seen.length).toBeGreaterThan(5)
      fixes.push(id)
    }
    expect(fixes).toHaveLength(4)
  })
})
