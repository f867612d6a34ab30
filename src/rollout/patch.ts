import { SandboxError } from '../sandbox/sandbox-error.ts'
import { bashWord } from '../sandbox/bash-word.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { patchFiles, type PatchFile } from './patch-files.ts'
import { CLEAN_GIT, NO_STARTUP_FILE, privateGit, stageAll, type WorkspaceStart } from './private-git.ts'

/** Larger patches are no fix; they are accidents (a data set written into the repository). */
const MAX_PATCH_BYTES = 8 * 1024 ** 2
const TIMEOUT_MS = 60_000
const MAX_OUTPUT = 16 * 1024
/** Files in another encoding than UTF-8 that are written as binary patches; more are left out. */
const MAX_OTHER_TEXTS = 100

/** What changed since the start. */
export interface ExtractedPatch {
  /** Unified diff that `git apply` takes; `''`: nothing changed. */
  readonly patch: string
  /** How many files are not in it: binary ones, repositories inside the repository. */
  readonly dropped: number
  /** Id of the tree the patch leads to: equal ids, equal patches. */
  readonly tree: string
}

export interface PatchOptions {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  /** At the end of a rollout: git folders inside the repository are deleted, so that their files become part of the patch. */
  readonly final?: boolean
  /** The tree of an earlier patch: when it is still the same, nothing is read. */
  readonly unless?: string
}

/**
 * Makes the patch of a repository against its start (as OpenHands' SWE-bench harness does: everything added, binaries left out),
 * inside the Sandbox, with an index and settings of our own: what the agent staged stays as it is, and none of its hooks, filters
 * or configuration runs. Text in another encoding than UTF-8 becomes a `GIT binary patch`.
 *
 * @returns `same` when the tree is the one of `unless`; `undefined` when git could not make one (the repository is gone, a patch
 *   above 8 MB, a time-out).
 * @throws SandboxError.
 */
export async function extractPatch(
  sandbox: Sandbox,
  start: WorkspaceStart,
  options: PatchOptions = {},
): Promise<ExtractedPatch | 'same' | undefined> {
  const output = await run(sandbox, extractScript(start, options), options)
  const tree = /^sealign-tree ([0-9a-f]{40,64})$/m.exec(output)?.[1]
  if (tree === undefined) return undefined
  if (tree === options.unless) return 'same'
  const bytes = await readPatch(sandbox, `${start.gitFolder}/sealign/patch`)
  if (bytes === undefined) return undefined
  const files = patchFiles(bytes)
  const others = files.filter((file) => file.kind === 'other-text').slice(0, MAX_OTHER_TEXTS)
  const rewritten = others.length === 0 ? '' : await binaryPatches(sandbox, start, others, options)
  if (rewritten === undefined) return undefined
  const texts = files.filter((file) => file.kind === 'text').map((file) => file.bytes.toString('utf8'))
  return {
    patch: texts.join('') + rewritten,
    dropped: files.length - texts.length - others.length,
    tree,
  }
}

const DIFF =
  'diff-index --cached -p --no-color --no-ext-diff --no-textconv --no-renames --full-index --src-prefix=a/ --dst-prefix=b/'

function extractScript(start: WorkspaceStart, { final, unless }: PatchOptions): string {
  return `${CLEAN_GIT}
${privateGit(start)}
${final ? deleteNested(start.base) : ''}
${stageAll(start.base)}
tree=$(g write-tree) || exit 1
if [ "$tree" != ${bashWord(unless ?? '')} ]; then
  rm -rf -- "$G/patch"
  g ${DIFF} ${bashWord(start.base)} >"$G/patch" || exit 1
fi
printf '\\nsealign-tree %s\\n' "$tree"`
}

/** Submodules keep theirs. */
function deleteNested(base: string): string {
  return `find . -mindepth 2 -name .git -prune -print0 2>/dev/null | while IFS= read -r -d '' nested; do
  folder=$(dirname -- "$nested")
  case $(g --literal-pathspecs ls-tree ${bashWord(base)} -- "\${folder#./}") in
  160000*) ;;
  *) rm -rf -- "$nested"; g --literal-pathspecs rm -q --cached --ignore-unmatch -- "\${folder#./}" ;;
  esac
done`
}

async function binaryPatches(
  sandbox: Sandbox,
  start: WorkspaceStart,
  files: readonly PatchFile[],
  options: PatchOptions,
): Promise<string | undefined> {
  const script = `${CLEAN_GIT}
${privateGit(start)}
printf '* -diff\\n' >"$G/info/attributes"
rm -rf -- "$G/patch"
g --literal-pathspecs ${DIFF} --binary ${bashWord(start.base)} -- ${files.map((file) => file.word).join(' ')} >"$G/patch" && echo sealign-written`
  if (!(await run(sandbox, script, options)).includes('sealign-written')) return undefined
  return (await readPatch(sandbox, `${start.gitFolder}/sealign/patch`))?.toString('latin1')
}

async function readPatch(sandbox: Sandbox, path: string): Promise<Buffer | undefined> {
  const read = await sandbox.readFile(path, MAX_PATCH_BYTES)
  return read === undefined || read.directory || read.size > MAX_PATCH_BYTES ? undefined : read.bytes
}

async function run(sandbox: Sandbox, script: string, { signal, timeoutMs }: PatchOptions): Promise<string> {
  const limits = { timeoutMs: timeoutMs ?? TIMEOUT_MS, maxBytes: MAX_OUTPUT, variables: NO_STARTUP_FILE }
  const result = await sandbox.exec(script, signal === undefined ? limits : { ...limits, signal })
  if (result.outOfMemory) throw new SandboxError('memory', 'the sandbox ran out of memory while its patch was made')
  return result.timedOut ? '' : result.output
}
