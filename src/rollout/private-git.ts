import { bashWord } from '../sandbox/bash-word.ts'

/** Where the repository of a Task is, and the state before the first Step that patches are made against. Plain JSON. */
export interface WorkspaceStart {
  /** Commit the Policy starts from. */
  readonly head: string
  /** Commit or tree patches are made against: `head`, or a tree where setup left files changed or untracked. */
  readonly base: string
  /** Absolute paths inside the Sandbox: top folder, git folder, object store. */
  readonly top: string
  readonly gitFolder: string
  readonly objects: string
  readonly objectFormat: 'sha1' | 'sha256'
}

/** Nobody's settings but the ones given: no user's or system's configuration, no hooks, no pager, no questions. */
export const CLEAN_GIT = `unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_EXTERNAL_DIFF GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS GIT_ATTR_SOURCE
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_SYSTEM=/dev/null GIT_CONFIG_GLOBAL=/dev/null XDG_CONFIG_HOME=/nonexistent GIT_ATTR_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 GIT_OPTIONAL_LOCKS=0 LC_ALL=C
g() { HOME=/nonexistent command git -c safe.directory='*' -c core.hooksPath=/dev/null -c core.fsmonitor=false -c init.defaultBranch=main "$@"; }`

/** Images of SWE-bench activate conda in every bash; git needs none of it. */
export const NO_STARTUP_FILE = { BASH_ENV: '' } as const

/** What a patch never holds: caches and installed packages that commands leave behind. */
const JUNK = [
  '__pycache__',
  '*.pyc',
  '*.pyo',
  '.pytest_cache',
  '.mypy_cache',
  '.ruff_cache',
  '.tox',
  '.venv',
  'node_modules',
  '*.egg-info',
  '.DS_Store',
]

/** Pathspecs that leave junk out, files and whole folders. */
const WITHOUT_JUNK = JUNK.flatMap((name) => [`:(exclude,glob)**/${name}`, `:(exclude,glob)**/${name}/**`])
  .map(bashWord)
  .join(' ')

/** Files above this are treated as binary: no patch of source code needs them. */
const BIG_FILE = '2m'

/**
 * Shell lines that make a git folder of our own beside the repository's and point git at it: own settings, own index, own new
 * objects, the repository's objects read through alternates. Neither the agent's index nor its configuration, hooks, filters,
 * text converters and exclusions are touched or obeyed. The index survives from call to call, so that only changed files are
 * read again.
 */
export function privateGit(start: Omit<WorkspaceStart, 'head' | 'base'>): string {
  const format =
    start.objectFormat === 'sha256' ? '\\trepositoryformatversion = 1\\n[extensions]\\n\\tobjectFormat = sha256\\n' : ''
  return `D=${bashWord(start.gitFolder)}
G=$D/sealign
[ -d "$D" ] || { echo sealign-no-repository; exit 0; }
[ -L "$G" ] && rm -f -- "$G"
rm -rf -- "$G/info" "$G/config" "$G/config.worktree" "$G/HEAD" "$G/hooks" "$G/refs" "$G/packed-refs" "$G/commondir" "$G/shallow" "$G/index.lock" "$G/objects/info"
mkdir -p -- "$G/objects/info" "$G/refs" "$G/info" || exit 1
printf 'ref: refs/heads/none\\n' >"$G/HEAD"
printf '%s\\n' ${bashWord(start.objects)} >"$G/objects/info/alternates"
printf '[core]\\n\\tbare = false\\n\\tfilemode = true\\n\\tbigFileThreshold = ${BIG_FILE}\\n\\texcludesFile = /dev/null\\n\\tattributesFile = /dev/null\\n\\tquotePath = true\\n\\tlogAllRefUpdates = false\\n[core]\\n${format}[gc]\\n\\tauto = 0\\n[advice]\\n\\taddEmbeddedRepo = false\\n' >"$G/config"
export GIT_DIR=$G GIT_WORK_TREE=${bashWord(start.top)} GIT_INDEX_FILE=$G/index
cd -- "$GIT_WORK_TREE" || { echo sealign-no-repository; exit 0; }`
}

/** Puts every file that a patch may hold into our index; `base`: what an index that is not there yet begins with. */
export function stageAll(base: string): string {
  return `[ -s "$GIT_INDEX_FILE" ] || g read-tree ${bashWord(base)} || exit 1
g add -A --ignore-errors -- . ${WITHOUT_JUNK} 2>"$G/errors" || { rm -f -- "$GIT_INDEX_FILE"; g read-tree ${bashWord(base)} && g add -A --ignore-errors -- . ${WITHOUT_JUNK} 2>"$G/errors" || head -c 300 "$G/errors"; }`
}
