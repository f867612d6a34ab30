/**
 * Makes the working folder a git repository with one commit, the same one everywhere (name, date and message are fixed); a
 * folder that is a repository already stays as it is.
 */
export const START_REPOSITORY: readonly string[] = [
  [
    'if [ ! -e .git ]; then git -c init.defaultBranch=main init --quiet && git add --all',
    'GIT_AUTHOR_DATE=2000-01-01T00:00:00Z GIT_COMMITTER_DATE=2000-01-01T00:00:00Z git -c user.name=sealign -c user.email=sealign@localhost -c commit.gpgsign=false commit --quiet --allow-empty --no-verify -m Task; fi',
  ].join(' && '),
]
