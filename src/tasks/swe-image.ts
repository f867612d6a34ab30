import type { FileMap, TaskEnvironment } from '../domain/task.ts'

/** Where the images of SWE-bench and its descendants keep the repository. */
export const TESTBED = '/testbed'

/**
 * First line of every list of commands run in such an image. `set +u`: activation scripts of conda packages read variables
 * that are not set.
 */
export const ACTIVATE = 'set +u; source /opt/miniconda3/bin/activate testbed'

/**
 * Takes from a repository what its future tells: remotes, branches, tags, notes and stashes that HEAD does not contain, and
 * everything only they reached (SWE-bench#465: later commits were readable in the images). Tags of the past stay, because
 * setuptools-scm reads the version from them.
 */
export const FORGET_FUTURE: readonly string[] = [
  'git config --global --add safe.directory "$PWD"',
  `git remote | while read -r name; do git remote remove "$name"; done`,
  [
    `future=$(git for-each-ref --no-merged=HEAD --format='delete %(refname)')`,
    `if [ -n "$future" ]; then printf '%s\\n' "$future" | git update-ref --no-deref --stdin; fi`,
    'rm -f "$(git rev-parse --git-path FETCH_HEAD)" "$(git rev-parse --git-path ORIG_HEAD)"',
    'git reflog expire --expire=now --expire-unreachable=now --all',
    'if [ -n "$future" ]; then git gc --quiet --prune=now; fi',
  ].join('; '),
]

/** The environment of a Task whose image has the repository in `/testbed` and its packages in the conda environment `testbed`. */
export function sweEnvironment(options: {
  readonly image: string
  readonly setup?: readonly string[]
  readonly files?: FileMap
  readonly network?: boolean
}): TaskEnvironment {
  const network = options.network ?? false
  return {
    image: options.image,
    workdir: TESTBED,
    files: options.files ?? {},
    setup: options.setup ?? FORGET_FUTURE,
    network,
    // Without a network pip would wait between tries for an index that cannot answer.
    variables: { BASH_ENV: '/root/.bashrc', ...(network ? {} : { PIP_RETRIES: '0' }) },
  }
}

/** Name of a prebuilt image: Docker allows no `__` in a name, so each publisher replaced it. */
export function imageName(prefix: string, id: string, separator: string): string {
  return `${prefix}${id.toLowerCase().replaceAll('__', separator)}:latest`
}
