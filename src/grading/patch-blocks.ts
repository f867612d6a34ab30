/** One file's part of a unified diff, as git writes it. */
export interface PatchBlock {
  /** `diff --git`, modes, renames, `---`, `+++`: everything above the first hunk. */
  readonly header: readonly string[]
  /** Hunks, line by line, `@@` lines included. */
  readonly body: readonly string[]
}

/** What a patch does to one file; paths are relative to the repository, without `a/` and `b/`. */
export interface PatchedFile {
  /** `undefined`: the file is new. */
  readonly from: string | undefined
  /** `undefined`: the file is deleted. */
  readonly to: string | undefined
}

/** `@@ -start,lines +start,lines @@`; a missing count is 1. */
export const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/

/**
 * Cuts a patch into files. Bodies are counted by their `@@` lines, so that a removed line `-- a/x` is not taken for a header.
 * Text before the first header is dropped. Linear in the length of the patch.
 */
export function splitPatch(patch: string): PatchBlock[] {
  const blocks: { header: string[]; body: string[] }[] = []
  let block: { header: string[]; body: string[] } | undefined
  let old = 0
  let young = 0
  const lines = patch.split('\n')
  if (lines.at(-1) === '') lines.pop()
  for (const [at, line] of lines.entries()) {
    const hunk = HUNK.exec(line)
    if (block && (old > 0 || young > 0)) {
      block.body.push(line)
      if (line.startsWith('\\')) continue
      if (!line.startsWith('+')) old--
      if (!line.startsWith('-')) young--
    } else if (hunk && block) {
      block.body.push(line)
      old = Number(hunk[1] ?? 1)
      young = Number(hunk[2] ?? 1)
    } else if (line.startsWith('\\') && block) block.body.push(line)
    else if (startsBlock(lines, at, block)) {
      block = { header: [line], body: [] }
      blocks.push(block)
    } else if (block && block.body.length === 0) block.header.push(line)
    else if (block?.header.includes('GIT binary patch')) block.body.push(line)
  }
  return blocks
}

/** A file's part begins with `diff --git`, or with `---` and `+++` where the tool that wrote it was not git. */
function startsBlock(lines: readonly string[], at: number, block: PatchBlock | undefined): boolean {
  const line = lines[at] ?? ''
  if (line.startsWith('diff --git ')) return true
  if (!line.startsWith('--- ') || !(lines[at + 1] ?? '').startsWith('+++ ')) return false
  return block === undefined || block.body.length > 0 || block.header.some((header) => header.startsWith('+++ '))
}

function fileOf({ header }: PatchBlock): PatchedFile | undefined {
  const [, fromGit, toGit] = gitPaths(header[0] ?? '') ?? []
  const value = (prefix: string): string | undefined =>
    header.find((line) => line.startsWith(prefix))?.slice(prefix.length)
  const from = pathOf(value('--- '), 'a/') ?? value('rename from ') ?? value('copy from ') ?? fromGit
  const to = pathOf(value('+++ '), 'b/') ?? value('rename to ') ?? value('copy to ') ?? toGit
  if (from === undefined && to === undefined) return undefined
  const isNew = from === '/dev/null' || header.some((line) => line.startsWith('new file mode'))
  const isGone = to === '/dev/null' || header.some((line) => line.startsWith('deleted file mode'))
  return { from: isNew ? undefined : unquote(from), to: isGone ? undefined : unquote(to) }
}

/** `diff --git a/x b/x`: both names are equal unless there are `rename` lines, so the middle is where they part. */
export function gitPaths(line: string): readonly [string, string, string] | undefined {
  if (!line.startsWith('diff --git ')) return undefined
  const names = line.slice('diff --git '.length).trimEnd()
  const half = (names.length - 1) / 2
  const quoted = names.startsWith('"')
  const [from, to] = [names.slice(0, half), names.slice(half + 1)]
  const bare = (name: string, prefix: string): string =>
    quoted ? `"${name.slice(1 + prefix.length)}` : name.slice(prefix.length)
  if (bare(from, 'a/') === bare(to, 'b/')) return [line, bare(from, 'a/'), bare(to, 'b/')]
  const parts = /^a\/(\S+) b\/(\S+)$/.exec(names)
  return parts ? [line, parts[1] ?? '', parts[2] ?? ''] : undefined
}

function pathOf(text: string | undefined, prefix: string): string | undefined {
  const name = text?.split('\t', 1)[0]?.trimEnd()
  if (name === undefined || name === '/dev/null') return name
  if (name.startsWith(`"${prefix}`)) return `"${name.slice(1 + prefix.length)}`
  return name.startsWith(prefix) ? name.slice(prefix.length) : name
}

/** git writes names with quotes, backslashes or bytes beyond ASCII as C strings. */
function unquote(name: string | undefined): string | undefined {
  if (!name?.startsWith('"') || !name.endsWith('"')) return name
  const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }
  const bytes: Buffer[] = []
  for (const [part] of name.slice(1, -1).matchAll(/\\[0-7]{3}|\\.|[^\\]+/gs)) {
    if (!part.startsWith('\\')) bytes.push(Buffer.from(part))
    else if (part.length === 4) bytes.push(Buffer.from([Number.parseInt(part.slice(1), 8) & 0xff]))
    else bytes.push(Buffer.from([escapes[part.charAt(1)] ?? part.charCodeAt(1)]))
  }
  return Buffer.concat(bytes).toString('utf8')
}

/** Files a patch touches, in its order; text that is no diff touches none. */
export function patchedFiles(patch: string): PatchedFile[] {
  return splitPatch(patch).flatMap((block) => {
    const file = fileOf(block)
    return file ? [file] : []
  })
}
