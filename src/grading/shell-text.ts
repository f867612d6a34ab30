/** A text as one word of a shell command line. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/**
 * The command that runs a script given on stdin, in its own shell: no limit of an argument's length, no file that what the script
 * runs could read, and no process to write one. What the script runs reads nothing from stdin.
 */
export const RUN_STDIN = 'eval "$(cat)" < /dev/null'
