import { gitPaths, splitPatch } from './patch-blocks.ts'

/** The patch that undoes a patch: SWE-smith ships the bug, its fix is the reverse. */
export function reversePatch(patch: string): string {
  return splitPatch(patch)
    .flatMap(({ header, body }) => [...reverseHeader(header), ...body.map(reverseLine)])
    .concat('')
    .join('\n')
}

/** Old and new change places; `---` stays above `+++`. */
function reverseHeader(header: readonly string[]): string[] {
  const swap = (line: string): string => {
    const git = gitPaths(line)
    if (git && !git[1].startsWith('"')) return `diff --git a/${git[2]} b/${git[1]}`
    const index = /^index ([0-9a-f]+)\.\.([0-9a-f]+)(.*)$/.exec(line)
    if (index) return `index ${index[2]}..${index[1]}${index[3]}`
    for (const [left, right] of SWAPPED) {
      if (line.startsWith(left)) return right + line.slice(left.length)
      if (line.startsWith(right)) return left + line.slice(right.length)
    }
    return line
  }
  const named = (prefix: string): string | undefined => header.find((line) => line.startsWith(prefix))?.slice(4)
  const rename = (name: string, prefix: string): string =>
    name.startsWith('/dev/null') ? '/dev/null' : name.replace(/^("?)[ab]\//, `$1${prefix}`)
  return header.map((line) => {
    if (line.startsWith('--- ')) return `--- ${rename(named('+++ ') ?? line.slice(4), 'a/')}`
    if (line.startsWith('+++ ')) return `+++ ${rename(named('--- ') ?? line.slice(4), 'b/')}`
    return swap(line)
  })
}

const SWAPPED = [
  ['new file mode', 'deleted file mode'],
  ['old mode', 'new mode'],
  ['rename from', 'rename to'],
] as const

function reverseLine(line: string): string {
  const hunk = /^@@ -(\S+) \+(\S+) @@(.*)$/.exec(line)
  if (hunk) return `@@ -${hunk[2]} +${hunk[1]} @@${hunk[3]}`
  if (line.startsWith('+')) return `-${line.slice(1)}`
  if (line.startsWith('-')) return `+${line.slice(1)}`
  return line
}
