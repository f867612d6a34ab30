import { describe, expect, test } from 'vitest'
import type { Message } from '../../../src/domain/message.ts'
import { currentRun, readAgentState } from '../../../src/policy/embedded/agent-state.ts'
import { outcomesOf } from '../../../src/policy/embedded/edit-outcomes.ts'
import { needs } from '../../needs.ts'
import { bash, FINISH, type Run, rollOut, textCall } from '../../rollout/loop-runs.ts'
import { sandboxFor } from '../../rollout/loop-sandbox.ts'
import { packageTask, SHELF_FILES, SHELF_FIX } from './packages.ts'

needs('bubblewrap', 'git')

const view = (path: string) => textCall('str_replace_editor', { command: 'view', path })
const edit = (oldText: string, newText: string) =>
  textCall('str_replace_editor', {
    command: 'str_replace',
    path: '/workspace/src/shelf.js',
    old_str: oldText,
    new_str: newText,
  })
const TESTS = bash('cd /workspace && node --test-reporter=tap test/shelf.test.js')
const UNDO = textCall('str_replace_editor', { command: 'undo_edit', path: '/workspace/src/shelf.js' })

/** The conversation of a rollout as its policy reads it. */
function conversationOf({ prompt, steps }: Run): readonly Message[] {
  return [...prompt, ...steps.flatMap(({ reply, observation }) => [reply, ...observation])]
}

async function stateAfter(script: readonly string[]) {
  const task = packageTask()
  const run = await rollOut({ task, sandbox: () => sandboxFor(task), script: [...script, FINISH] })
  return readAgentState(conversationOf(run))
}

describe('what the policy knows after a real conversation', () => {
  test('the issue without the framework around it, the folder, and the files a listing names', async () => {
    const state = await stateAfter([view('/workspace')])
    expect(state.issue).toBe('The shelf takes one thing too many: `put` should stop at the limit.')
    expect(state.workdir).toBe('/workspace')
    expect(state.listed).toBe(true)
    expect(state.files.map(({ name, role, views, text }) => [name, role, views, text])).toEqual([
      ['package.json', 'other', 0, undefined],
      ['src/shelf.js', 'source', 0, undefined],
      ['test/shelf.test.js', 'test', 0, undefined],
    ])
    expect(state.actions.map(({ kind }) => kind)).toEqual(['view', 'finish'])
  })

  test('a file as it was shown, as own edits changed it, and as undoing one left it', async () => {
    const source = SHELF_FILES['src/shelf.js'] ?? ''
    const before = await stateAfter([view('/workspace/src/shelf.js')])
    expect(before.files[0]).toMatchObject({ text: source, views: 1, changed: false })
    const edited = await stateAfter([view('/workspace/src/shelf.js'), edit(SHELF_FIX.old, SHELF_FIX.new)])
    expect(edited.files[0]).toMatchObject({ text: source.replace(SHELF_FIX.old, SHELF_FIX.new), changed: true })
    expect(edited.version).toBe('1')
    const undone = await stateAfter([view('/workspace/src/shelf.js'), edit(SHELF_FIX.old, SHELF_FIX.new), UNDO])
    expect(undone.files[0]).toMatchObject({ text: source, changed: false })
    expect(undone.edits).toMatchObject([{ step: 1, undone: true }])
    expect(undone.version).toBe('')
  })

  test('which tests failed and with what, for the files as they were then', async () => {
    const state = await stateAfter([TESTS, view('/workspace/src/shelf.js'), edit(SHELF_FIX.old, SHELF_FIX.new), TESTS])
    expect(state.runs.map(({ version, failing, passing }) => [version, failing, passing])).toEqual([
      ['', 1, 1],
      ['2', 0, 2],
    ])
    const [broken] = state.runs
    expect(broken?.tests[1]).toMatchObject({
      name: 'put stops at the limit',
      passed: false,
      expected: '2',
      actual: '3',
      message: expect.stringContaining('3 !== 2'),
    })
    expect(broken?.tests[1]?.frames[0]).toMatchObject({
      line: 16,
      path: expect.stringMatching(/\/test\/shelf\.test\.js$/),
    })
    expect(currentRun(state)?.failing).toBe(0)
    expect(outcomesOf(state)).toEqual(['fixed'])
  })

  test('the result of the repository is known again once the edit is undone', async () => {
    const state = await stateAfter([
      TESTS,
      view('/workspace/src/shelf.js'),
      edit('return this.things.length', 'return 0'),
      TESTS,
      UNDO,
    ])
    expect(currentRun(state)).toMatchObject({ version: '', failing: 1 })
    expect(outcomesOf(state)).toEqual(['same'])
  })

  test('failed and malformed actions, repetitions and nudges', async () => {
    const missing = view('/workspace/none.js')
    const state = await stateAfter([missing, missing, textCall('open_file', { path: 'x' }), 'I think.'])
    expect(state.actions.map(({ kind, observed }) => [kind, observed.failed])).toEqual([
      ['view', true],
      ['view', true],
      ['malformed', true],
      ['message', false],
      ['finish', false],
    ])
    expect(state.nudges).toBe(1)
    expect(state.repeats).toBe(1)
    const twice = await stateAfter([missing, missing])
    expect(readAgentState([]).repeats).toBe(0)
    expect(twice.actions[0]?.key).toBe(twice.actions[1]?.key)
  })

  test('a command that may have written files makes their texts unknown', async () => {
    const state = await stateAfter([view('/workspace/src/shelf.js'), bash("sed -i 's/<=/</' /workspace/src/shelf.js")])
    expect(state.files[0]).toMatchObject({ text: undefined, changed: true })
  })
})
