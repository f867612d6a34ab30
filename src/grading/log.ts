/** Bytes of a stored log: half from the beginning, half from the end. */
export const LOG_BYTES = 256 * 1024

/** The text itself, or its first and last bytes with a line between them that says how much is missing. */
export function headAndTail(text: string, maxBytes = LOG_BYTES): string {
  const bytes = Buffer.byteLength(text)
  if (bytes <= maxBytes) return text
  const all = Buffer.from(text)
  const note = `\n[… ${bytes - maxBytes} bytes left out …]\n`
  const half = Math.max(0, Math.floor((maxBytes - Buffer.byteLength(note)) / 2))
  // A cut through a character would become U+FFFD, which is longer than the byte it stands for.
  const head = all.subarray(0, characterStart(all, half)).toString('utf8')
  return head + note + all.subarray(characterStart(all, all.length - half + 3)).toString('utf8')
}

/** The nearest place at or before `at` where a UTF-8 character begins. */
function characterStart(bytes: Buffer, at: number): number {
  let start = Math.min(at, bytes.length)
  while (start > 0 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--
  return start
}
