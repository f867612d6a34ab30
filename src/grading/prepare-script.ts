import type { TaskDefinition, TaskGrading } from '../domain/task.ts'
import { cleanPatch } from './patch.ts'
import { type PatchedFile, patchedFiles } from './patch-blocks.ts'
import { quoted, writeLines } from './shell-text.ts'

/** Exit codes of the script; any other one is a failure of the Sandbox. */
export const PREPARED = {
  ready: 0,
  setupFailed: 92,
  patchFailed: 93,
  /** The hidden tests apply to the repository but not to the patched one. */
  testsBlocked: 94,
  /** The hidden tests do not apply to the repository at all. */
  testsBroken: 95,
  filesFailed: 96,
} as const

/** Which parts of making a fresh Sandbox ready a script does. */
export interface PrepareParts {
  /** Setup and patch, in a Sandbox that is as it was made. */
  readonly patch: boolean
  /** Hidden tests: after the install, whose commands run code of the patch. */
  readonly tests: boolean
}

/**
 * The script that makes a fresh Sandbox ready for the tests: setup, patch, hidden tests. It runs none of the patch's code, so its
 * exit code (`PREPARED`) cannot be forged. It is read from stdin by `RUN_PREPARE`, in the working folder.
 *
 * The patch is tried as the SWE-bench harness does: `git apply`, then `--3way`, then `patch --fuzz=5`, touched files restored between
 * tries; a patch whose reverse applies is already there. (`git apply --reject` is left out: it succeeds only where the first does.)
 * The hidden tests' files are restored or removed first, since the patch may have changed or created them.
 *
 * @param base - commit the repository was at (`baseOf`); `undefined`: it is asked for.
 */
export function prepareScript(
  task: TaskDefinition,
  patch: string | undefined,
  parts: PrepareParts,
  base?: string,
): string {
  const { environment, grading } = task
  return [
    'exec 2>&1',
    'd=$1',
    ...(parts.patch ? setupLines(environment.setup) : []),
    TOOLS,
    base === undefined ? 'base=$(git rev-parse --verify -q HEAD 2> /dev/null)' : `base=${quoted(base)}`,
    ...(parts.patch && patch !== undefined ? patchLines(cleanPatch(patch)) : []),
    ...(parts.tests ? testLines(grading) : []),
    'echo "# base $base"',
    `exit ${PREPARED.ready}`,
    '',
  ].join('\n')
}

/** The commit a `prepareScript` that ended well told in its last line; empty: the working folder is no repository. */
export function baseOf(output: string): string {
  return /# base ([0-9a-f]{40,64})?\n?$/.exec(output.slice(-100))?.[1] ?? ''
}

/** Stores the script of stdin outside the working folder, runs it and removes it. */
export const RUN_PREPARE =
  'd=$(mktemp -d) && cat > "$d/prepare" && bash "$d/prepare" "$d" < /dev/null; c=$?; rm -rf "$d"; exit $c'

/** Nothing in the repository may decide what git runs, and who owns the files does not matter in a Sandbox. */
const TOOLS = `export GIT_CONFIG_COUNT=4 GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
export GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
export GIT_CONFIG_KEY_1=core.hooksPath GIT_CONFIG_VALUE_1=/dev/null
export GIT_CONFIG_KEY_2=core.fsmonitor GIT_CONFIG_VALUE_2=false
export GIT_CONFIG_KEY_3=advice.detachedHead GIT_CONFIG_VALUE_3=false
restore() {
  if [ -n "$base" ] && git cat-file -e "$base:./$1" 2> /dev/null; then git checkout -q -f "$base" -- "$1"; else rm -rf -- "$1"; fi
}
try_patch() {
  if command -v git > /dev/null; then
    echo '+ git apply --verbose'
    git apply --verbose --whitespace=nowarn "$1" && return 0
    git apply --check --reverse --whitespace=nowarn "$1" 2> /dev/null && echo 'The patch is already applied.' && return 0
    if [ -n "$base" ]; then
      echo '+ git apply --3way'
      git apply --3way --whitespace=nowarn "$1" && { git reset -q; return 0; }
      "$2"
      git reset -q
    fi
  fi
  echo '+ patch --batch --forward --fuzz=5 -p1'
  command -v patch > /dev/null && patch --batch --forward --fuzz=5 -p1 --dry-run < "$1" > /dev/null 2>&1 \\
    && patch --batch --forward --fuzz=5 -p1 --no-backup-if-mismatch -r - < "$1" && return 0
  "$2"
  return 1
}`

function setupLines(commands: readonly string[]): string[] {
  if (commands.length === 0) return []
  return [
    writeLines('"$d/setup"', `${commands.join('\n')}\n`),
    `bash -e "$d/setup" < /dev/null || { echo "setup ended with exit code $?"; exit ${PREPARED.setupFailed}; }`,
  ]
}

function patchLines(patch: string): string[] {
  return [
    writeLines('"$d/patch"', patch),
    `restore_patch() { ${restoreWords(patchedFiles(patch))}; }`,
    `try_patch "$d/patch" restore_patch || exit ${PREPARED.patchFailed}`,
  ]
}

function testLines(grading: TaskGrading): string[] {
  const { testPatch, script, files } = grading
  return [
    ...(testPatch === undefined ? [] : testPatchLines(testPatch, script === undefined)),
    ...Object.entries(files).flatMap(([path, text]) => hiddenFileLines(path, text)),
  ]
}

/** @param applies - whether it is applied here; a row's own script does that itself, to files as they were. */
function testPatchLines(testPatch: string, applies: boolean): string[] {
  const restore = [`restore_tests() { ${restoreWords(patchedFiles(testPatch))}; }`, 'restore_tests']
  if (!applies) return restore
  return [
    ...restore,
    writeLines('"$d/tests"', cleanPatch(testPatch)),
    'if ! try_patch "$d/tests" restore_tests; then',
    `  [ -n "$base" ] && GIT_INDEX_FILE="$d/index" git read-tree "$base" \\`,
    `    && GIT_INDEX_FILE="$d/index" git apply --cached --whitespace=nowarn "$d/tests" 2> /dev/null && exit ${PREPARED.testsBlocked}`,
    `  exit ${PREPARED.testsBroken}`,
    'fi',
  ]
}

function restoreWords(files: readonly PatchedFile[]): string {
  const paths = new Set(files.flatMap(({ from, to }) => [from, to]).filter((path) => path !== undefined))
  return ['true', ...[...paths].map((path) => `restore ${quoted(path)}`)].join('; ')
}

/** A hidden file replaces whatever the patch left on its way: a link, or a file where a folder must be. */
function hiddenFileLines(path: string, text: string): string[] {
  const parts = path.split('/')
  const above = parts.slice(1).map((_, at) => quoted(parts.slice(0, at + 1).join('/')))
  const clear = above.map((folder) => `if [ -L ${folder} ] || [ -f ${folder} ]; then rm -f ${folder}; fi`)
  const folder = above.at(-1)
  return [
    ...clear,
    ...(folder === undefined ? [] : [`mkdir -p ${folder}`]),
    `rm -rf -- ${quoted(path)}`,
    writeLines(quoted(path), text),
    `[ -f ${quoted(path)} ] || exit ${PREPARED.filesFailed}`,
  ]
}

/** Why a patch is refused before anything runs; one clause, or `undefined`. */
export function refusal(patch: string): string | undefined {
  for (const { from, to } of patchedFiles(patch))
    for (const path of [from, to]) {
      if (path === undefined) continue
      if (path.startsWith('/') || path.split('/').includes('..')) return `it reaches outside the repository (${path})`
      if (path.split('/').some((part) => part.toLowerCase() === '.git')) return `it changes git's own files (${path})`
    }
  return undefined
}
