import { EventLine, RunEvent } from '../run-event.ts'

/** A longer line is no event: what follows its first part is left out until it ends. */
const LONGEST_LINE = 64 * 1024 * 1024
/** Of a line that is no event, so much is quoted. */
const QUOTED = 120

const TYPES: ReadonlySet<string> = new Set(RunEvent.def.options.map(({ shape }) => shape.type.value))

/** What a trainer's lines say. */
export type Said =
  | { readonly kind: 'event'; readonly event: RunEvent }
  /** Not of the form of an event, or not valid as one. */
  | { readonly kind: 'malformed'; readonly line: string; readonly problem: string }

/**
 * Reads events out of a stream of text that comes in any pieces, one JSON object a line. Events of an unknown type, which a newer
 * trainer may send, are left out.
 */
export class EventLines {
  #rest = ''

  push(text: string): Said[] {
    const lines = (this.#rest + text).split('\n')
    this.#rest = (lines.pop() ?? '').slice(0, LONGEST_LINE)
    return lines.flatMap(read)
  }

  /** The stream ended: a last line without a newline counts when it is whole. */
  end(): Said[] {
    const last = this.#rest
    this.#rest = ''
    return read(last)
  }
}

function read(line: string): Said[] {
  if (line.trim() === '') return []
  const parsed = parsedJson(line)
  if (typeof parsed !== 'object' || parsed === null || !('type' in parsed) || typeof parsed.type !== 'string')
    return [malformed(line, 'it is no JSON object with a type')]
  if (!TYPES.has(parsed.type)) return []
  const checked = EventLine.safeParse(parsed)
  if (!checked.success) {
    const [issue] = checked.error.issues
    return [malformed(line, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`)]
  }
  const { v: _v, seq: _seq, t: _t, run: _run, ...event } = checked.data
  return [{ kind: 'event', event }]
}

function malformed(line: string, problem: string): Said {
  return { kind: 'malformed', line: line.slice(0, QUOTED), problem }
}

function parsedJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
