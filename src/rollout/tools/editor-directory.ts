import type { Sandbox } from '../../sandbox/sandbox.ts'
import { directoryReply, EditorRefusal } from './editor-text.ts'

const TIMEOUT_MS = 20_000
const MAX_BYTES = 256 * 1024

/**
 * Run in the folder: its path never goes into the script's text. Prints how many hidden entries there are (a letter each),
 * a newline, and the visible entries of two levels in order; the cut before `head` keeps the beginning.
 */
const SCRIPT = `find -L . -mindepth 1 -maxdepth 1 -name '.*' -exec printf '%.0sx' {} + 2>/dev/null | head -c 10000
echo
{
  find -L . -mindepth 1 -maxdepth 2 -name '.*' -prune -o -type d -exec printf '%s/\\n' {} +
  find -L . -mindepth 1 -maxdepth 2 -name '.*' -prune -o ! -type d -print
} 2>/dev/null | sort | head -c 100000`

/** What a folder holds, two levels deep, hidden entries counted but not shown. */
export async function viewDirectory(sandbox: Sandbox, path: string, signal: AbortSignal): Promise<string> {
  const { output, exitCode, timedOut } = await sandbox.exec(SCRIPT, {
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
    cwd: path,
    variables: { LC_ALL: 'C' },
    signal,
  })
  if (timedOut) throw new EditorRefusal(`Listing ${path} took longer than ${TIMEOUT_MS / 1000} seconds.`)
  if (exitCode !== 0) throw new EditorRefusal(`The directory ${path} cannot be opened.`)
  const [hidden = '', ...lines] = output.split('\n')
  const parent = path === '/' ? '' : path
  const entries = lines.filter((line) => line !== '').map((line) => parent + line.replace(/^\./, ''))
  return directoryReply(path, entries, hidden.length)
}
