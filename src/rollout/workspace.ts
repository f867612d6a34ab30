import type { TaskDefinition } from '../domain/task.ts'
import { SealignError } from '../domain/errors.ts'
import { safeText } from '../lib/safe-text.ts'
import { bashWord } from '../sandbox/bash-word.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { CLEAN_GIT, NO_STARTUP_FILE, privateGit, stageAll, type WorkspaceStart } from './private-git.ts'

/** Setup of a Task may install packages. */
const SETUP_TIMEOUT_MS = 900_000
const START_TIMEOUT_MS = 120_000
const MAX_OUTPUT = 64 * 1024

/** A Sandbox that could not be brought to the state a Task begins in: nothing the Policy did. */
export class WorkspaceError extends SealignError {
  constructor(message: string, hint?: string) {
    super('sandbox', message, hint === undefined ? {} : { hint })
    this.name = 'WorkspaceError'
  }
}

/**
 * Brings a fresh Sandbox to the state before the first Step: setup commands, history hidden, start recorded.
 *
 * @returns `undefined` for a scripted Sandbox, which has no repository.
 * @throws WorkspaceError when a setup command fails or git does not work; SandboxError.
 */
export async function prepareWorkspace(
  sandbox: Sandbox,
  task: TaskDefinition,
  signal: AbortSignal,
  { setup = true }: { readonly setup?: boolean } = {},
): Promise<WorkspaceStart | undefined> {
  if (sandbox.kind === 'scripted') return undefined
  for (const command of setup ? task.environment.setup : []) await runSetup(sandbox, task, command, signal)
  if (hasUpstream(task)) await hideHistory(sandbox, signal)
  return recordStart(sandbox, signal)
}

async function runSetup(sandbox: Sandbox, task: TaskDefinition, command: string, signal: AbortSignal): Promise<void> {
  const result = await sandbox.exec(command, { timeoutMs: SETUP_TIMEOUT_MS, maxBytes: MAX_OUTPUT, signal })
  if (result.exitCode === 0) return
  const how = result.timedOut
    ? `did not end in ${SETUP_TIMEOUT_MS / 1000} s`
    : result.outOfMemory
      ? 'ran out of memory'
      : `ended with exit code ${result.exitCode ?? 'none (killed)'}`
  throw new WorkspaceError(
    `task ${task.id}: the setup command \`${safeText(command, 120)}\` ${how}: ${lastLine(result.output)}`,
    `Run \`sealign task check ${task.id}\` to see whether the task is usable.`,
  )
}

/** Tasks made from a repository with a future: the fix may stand in later commits. */
function hasUpstream(task: TaskDefinition): boolean {
  return task.set !== 'folder' && task.set !== 'humanevalfix-python' && task.set !== 'humanevalfix-js'
}

/**
 * Takes away what leads from the checked-out commit to later ones: remotes, reflogs, and every branch, tag, stash and note that
 * it does not contain (SWE-bench issue 465). Tags of the past stay: setuptools-scm reads the version from them. Objects that
 * nothing points to stay too; `leakageFlags` names the commands that look for them.
 */
export async function hideHistory(sandbox: Sandbox, signal?: AbortSignal): Promise<void> {
  const script = `${CLEAN_GIT}
D=$(g rev-parse --absolute-git-dir 2>/dev/null) || exit 0
for r in $(g remote); do g remote remove "$r"; done
g for-each-ref --no-merged=HEAD --format='delete %(refname)' | g update-ref --no-deref --stdin
rm -rf -- "$D/logs" "$D/ORIG_HEAD" "$D/FETCH_HEAD" "$D/MERGE_HEAD"`
  await runGit(sandbox, script, signal)
}

/**
 * Records what patches are made against. A working folder that is no repository becomes one, with one commit whose id depends on
 * its files alone.
 *
 * @throws WorkspaceError when git is missing or does not work; SandboxError.
 */
export async function recordStart(sandbox: Sandbox, signal?: AbortSignal): Promise<WorkspaceStart> {
  const place = await locate(sandbox, signal)
  const script = `${CLEAN_GIT}
${privateGit(place)}
rm -f -- "$GIT_INDEX_FILE"
cp -- "$D/index" "$GIT_INDEX_FILE" 2>/dev/null && { g read-tree -m ${place.head} 2>/dev/null || rm -f -- "$GIT_INDEX_FILE"; }
export GIT_OBJECT_DIRECTORY=${bashWord(place.objects)}
${stageAll(place.head)}
tree=$(g write-tree) || exit 1
[ "$tree" = "$(g rev-parse '${place.head}^{tree}')" ] && tree=${place.head}
printf '\\nsealign-base %s\\n' "$tree"`
  const output = await runGit(sandbox, script, signal)
  const base = /^sealign-base ([0-9a-f]{40,64})$/m.exec(output)?.[1]
  if (base === undefined)
    throw new WorkspaceError(`the state of ${place.top} could not be recorded with git: ${lastLine(output)}`)
  return { ...place, base }
}

async function locate(sandbox: Sandbox, signal?: AbortSignal): Promise<Omit<WorkspaceStart, 'base'>> {
  const script = `${CLEAN_GIT}
command -v git >/dev/null || { echo sealign-no-git; exit 0; }
cd -- ${bashWord(sandbox.workdir)} || exit 1
[ "$(g rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ] || g init -q . || exit 1
if ! g rev-parse -q --verify 'HEAD^{commit}' >/dev/null; then
  g add -A --ignore-errors . 2>/dev/null
  GIT_AUTHOR_DATE='2000-01-01T00:00:00Z' GIT_COMMITTER_DATE='2000-01-01T00:00:00Z' g -c user.name=sealign -c user.email=sealign@localhost -c commit.gpgSign=false commit -q --no-verify --allow-empty -m start || exit 1
fi
objects=$(g rev-parse --git-path objects)
printf '\\nsealign-head %s\\nsealign-format %s\\nsealign-top %s\\nsealign-git %s\\nsealign-objects %s\\n' "$(g rev-parse HEAD)" "$(g rev-parse --show-object-format 2>/dev/null)" "$(pwd -P)" "$(g rev-parse --absolute-git-dir)" "$(cd -- "$objects" && pwd -P)"`
  const output = await runGit(sandbox, script, signal)
  if (output.includes('sealign-no-git'))
    throw new WorkspaceError(
      'git is not installed in the sandbox, so that no patch can be made',
      'Use an image that holds git.',
    )
  const field = (name: string): string => new RegExp(`^sealign-${name} (.*)$`, 'm').exec(output)?.[1] ?? ''
  const [head, top, gitFolder, objects] = [field('head'), field('top'), field('git'), field('objects')]
  if (!/^[0-9a-f]{40,64}$/.test(head) || !top.startsWith('/') || !gitFolder.startsWith('/') || !objects.startsWith('/'))
    throw new WorkspaceError(`${sandbox.workdir} is no git repository that works: ${lastLine(output)}`)
  return { head, top, gitFolder, objects, objectFormat: field('format') === 'sha256' ? 'sha256' : 'sha1' }
}

async function runGit(sandbox: Sandbox, script: string, signal?: AbortSignal): Promise<string> {
  const limits = { timeoutMs: START_TIMEOUT_MS, maxBytes: MAX_OUTPUT, variables: NO_STARTUP_FILE }
  const options = { ...limits, ...(signal === undefined ? {} : { signal }) }
  return (await sandbox.exec(script, options)).output
}

function lastLine(output: string): string {
  const line = output.trimEnd().split('\n').at(-1) ?? ''
  return line === '' ? 'it printed nothing' : safeText(line, 300)
}
