/** A text as one word of a shell command line. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/**
 * Shell lines that write a text to the file whose path `target` expands to. Base64 in a here-document: any bytes, no quoting, no
 * limit of an argument's length.
 */
export function writeLines(target: string, text: string): string {
  const lines =
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  return [`base64 -d > ${target} <<'SEALIGN_FILE'`, ...lines, 'SEALIGN_FILE'].join('\n')
}
