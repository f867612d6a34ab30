/** One file of a patch, as bytes. */
export interface PatchFile {
  /** The path as a word for bash, git's own quoting kept: it may hold any byte. */
  readonly word: string
  readonly bytes: Buffer
  /** `text`: valid UTF-8 · `other-text`: text in another encoding · `dropped`: binary, or a repository inside the repository. */
  readonly kind: 'text' | 'other-text' | 'dropped'
}

const FILE_START = 'diff --git '

/**
 * Splits what `git diff-index -p --no-renames` printed into its files. A line of a file's text always begins with a space, a
 * sign or `\`, so that no text can look like the start of a file.
 */
export function patchFiles(patch: Buffer): PatchFile[] {
  const text = patch.toString('latin1')
  const files: PatchFile[] = []
  let start = text.startsWith(FILE_START) ? 0 : text.indexOf(`\n${FILE_START}`) + 1
  if (start === 0 && !text.startsWith(FILE_START)) return files
  while (start < text.length) {
    const next = text.indexOf(`\n${FILE_START}`, start)
    const end = next === -1 ? text.length : next + 1
    files.push(patchFile(text.slice(start, end), patch.subarray(start, end)))
    start = end
  }
  return files
}

function patchFile(text: string, bytes: Buffer): PatchFile {
  const hunk = text.indexOf('\n@@ ')
  const header = hunk === -1 ? text : text.slice(0, hunk)
  const binary = /\n(?:Binary files |GIT binary patch)/.test(header)
  const repository = /\n(?:(?:new file|deleted file|old|new) mode 160000|index [0-9a-f.]+ 160000)/.test(header)
  const word = pathWord(text.slice(FILE_START.length, text.indexOf('\n')))
  if (binary || repository) return { word, bytes, kind: 'dropped' }
  return { word, bytes, kind: isUtf8(bytes) ? 'text' : 'other-text' }
}

/** The path in `a/PATH b/PATH` or `"a/PATH" "b/PATH"`: without renames both are the same. Git's C escapes are bash's. */
function pathWord(pair: string): string {
  const half = pair.slice(0, (pair.length - 1) / 2)
  if (!half.startsWith('"')) return `'${half.slice(2).replaceAll("'", `'\\''`)}'`
  return `$'${half.slice(3, -1).replaceAll("'", String.raw`\'`)}'`
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
