import type { TaskDefinition, TaskGrading } from '../domain/task.ts'
import { cleanPatch } from './patch.ts'
import { type PatchedFile, patchedFiles } from './patch-blocks.ts'
import { quoted } from './shell-text.ts'

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
 * exit code (`PREPARED`) cannot be forged. It is run by `RUN_STDIN` in the working folder. Nearly
 * every line is a builtin of the shell: a process costs more than what it does here.
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
    git apply --verbose --whitespace=nowarn <<< "$1" && return 0
    git apply --check --reverse --whitespace=nowarn 2> /dev/null <<< "$1" && echo 'The patch is already applied.' && return 0
    if [ -n "$base" ]; then
      echo '+ git apply --3way'
      git apply --3way --whitespace=nowarn <<< "$1" && { git reset -q; return 0; }
      "$2"
      git reset -q
    fi
  fi
  echo '+ patch --batch --forward --fuzz=5 -p1'
  command -v patch > /dev/null && patch --batch --forward --fuzz=5 -p1 --dry-run <<< "$1" > /dev/null 2>&1 \\
    && patch --batch --forward --fuzz=5 -p1 --no-backup-if-mismatch -r - <<< "$1" && return 0
  "$2"
  return 1
}`

/** In a shell of its own that ends at the first failing command; git is kept from tidying up a repository of one commit. */
function setupLines(commands: readonly string[]): string[] {
  if (commands.length === 0) return []
  return [
    '(',
    'export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=gc.auto GIT_CONFIG_VALUE_0=0',
    'export GIT_CONFIG_KEY_1=maintenance.auto GIT_CONFIG_VALUE_1=false',
    'set -e',
    `eval ${quoted(commands.join('\n'))}`,
    ')',
    `c=$?; [ $c = 0 ] || { echo "setup ended with exit code $c"; exit ${PREPARED.setupFailed}; }`,
  ]
}

function patchLines(patch: string): string[] {
  return [
    `restore_patch() { ${restoreWords(patchedFiles(patch))}; }`,
    `try_patch ${quotedPatch(patch)} restore_patch || exit ${PREPARED.patchFailed}`,
  ]
}

/** Here-strings add the last newline. */
function quotedPatch(patch: string): string {
  return quoted(patch.replace(/\n$/, ''))
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
    `tests=${quotedPatch(cleanPatch(testPatch))}`,
    'if ! try_patch "$tests" restore_tests; then',
    '  export GIT_INDEX_FILE=$(mktemp -d)/index',
    '  [ -n "$base" ] && git read-tree "$base" \\',
    `    && git apply --cached --whitespace=nowarn 2> /dev/null <<< "$tests" && exit ${PREPARED.testsBlocked}`,
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
  const file = quoted(path)
  return [
    ...above.map((folder) => `[ ! -L ${folder} ] && [ -d ${folder} ] || { rm -f ${folder}; mkdir ${folder}; }`),
    `[ ! -e ${file} ] && [ ! -L ${file} ] || rm -rf -- ${file}`,
    `printf %s ${quoted(text)} > ${file} || exit ${PREPARED.filesFailed}`,
  ]
}
