import { HUNK, type PatchBlock, splitPatch } from './patch-blocks.ts'

/** Lines a patch adds and removes. */
export interface PatchSize {
  readonly files: number
  readonly added: number
  readonly removed: number
}

/**
 * The patch as it is applied: lines of binary files (`Binary files a/x and b/x differ`, which no tool can apply) are left out
 * and the last line ends with a newline. Empty when nothing is left to apply.
 */
export function cleanPatch(patch: string): string {
  const blocks = splitPatch(patch).filter((block) => !isBinaryNote(block) && changesSomething(block))
  return blocks.length === 0
    ? keepUnknown(patch)
    : `${blocks.flatMap(({ header, body }) => [...header, ...body]).join('\n')}\n`
}

/**
 * The patch without what two equal changes may differ in: `index` lines, similarity, section names after `@@`, time stamps and
 * spaces at the end of header lines. Lines of the files themselves are kept to the byte.
 */
export function normalPatch(patch: string): string {
  const lines: string[] = []
  for (const { header, body } of splitPatch(cleanPatch(patch))) {
    for (const line of header) {
      if (/^(?:index |similarity index |dissimilarity index )/.test(line)) continue
      lines.push((/^(?:--- |\+\+\+ )/.test(line) ? (line.split('\t', 1)[0] ?? '') : line).trimEnd())
    }
    for (const line of body) lines.push(HUNK.exec(line)?.[0] ?? line)
  }
  return lines.join('\n')
}

/** Whether nothing is left of a patch that could be applied. */
export function isEmptyPatch(patch: string): boolean {
  return cleanPatch(patch).trim() === ''
}

/** Lines a patch changes, and in how many files. */
export function patchSize(patch: string): PatchSize {
  const blocks = splitPatch(patch)
  let added = 0
  let removed = 0
  for (const { body } of blocks)
    for (const line of body) {
      if (line.startsWith('+')) added++
      else if (line.startsWith('-')) removed++
    }
  return { files: blocks.length, added, removed }
}

function isBinaryNote({ header, body }: PatchBlock): boolean {
  return body.length === 0 && header.some((line) => line.startsWith('Binary files ') && line.endsWith(' differ'))
}

const CHANGES = /^(?:old mode|new file mode|deleted file mode|rename from|copy from|GIT binary patch)/

function changesSomething({ header, body }: PatchBlock): boolean {
  return body.length > 0 || header.some((line) => CHANGES.test(line))
}

/** Text in which no file was recognised goes to the tools as it is: they say what is wrong with it. */
function keepUnknown(patch: string): string {
  if (patch.trim() === '' || splitPatch(patch).length > 0) return ''
  return patch.endsWith('\n') ? patch : `${patch}\n`
}
