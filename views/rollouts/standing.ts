import type { JobRow, RolloutRow } from '../model.ts'
import type { StyleName } from '../paint/style.ts'

/** How a rollout stands in one word; the mark says the same without colour. */
export interface Standing {
  /** One cell. */
  readonly mark: string
  /** At most `WORD_CELLS` cells. */
  readonly word: string
  readonly style: StyleName
  /** Place among the others when sorted by state: what needs a person comes first. */
  readonly rank: number
}

/** Longest word of a Standing. */
export const WORD_CELLS = 10

const STANDINGS = {
  stuck: { mark: '⟳', word: 'stuck', style: 'warn', rank: 0 },
  lost: { mark: '!', word: 'lost', style: 'error', rank: 1 },
  paused: { mark: '⏸', word: 'paused', style: 'accent', rank: 2 },
  running: { mark: '▶', word: 'running', style: 'plain', rank: 3 },
  starting: { mark: '…', word: 'starting', style: 'muted', rank: 4 },
  grading: { mark: '◇', word: 'grading', style: 'accent', rank: 5 },
  queued: { mark: '·', word: 'queued', style: 'muted', rank: 6 },
  infrastructure: { mark: '!', word: 'infra', style: 'error', rank: 7 },
  unresolved: { mark: '✗', word: 'unresolved', style: 'bad', rank: 8 },
  unknown: { mark: '?', word: 'unknown', style: 'muted', rank: 9 },
  resolved: { mark: '✓', word: 'resolved', style: 'good', rank: 10 },
  cancelled: { mark: '⊘', word: 'cancelled', style: 'muted', rank: 11 },
} as const satisfies Record<string, Standing>

/** How a rollout stands: its state, a loop while it runs, its Outcome once it is judged. */
export function standingOf(row: RolloutRow): Standing {
  if (row.state === 'done') return STANDINGS[row.infrastructure === undefined ? row.outcome : 'infrastructure']
  if (row.state === 'running' && row.stuck !== undefined) return STANDINGS.stuck
  return STANDINGS[row.state]
}

/** Whether a rollout will do nothing more by itself. */
export function hasEnded({ state }: RolloutRow): boolean {
  return state === 'done' || state === 'cancelled' || state === 'lost'
}

/** Whether a rollout has a clock that runs. */
export function isActive({ state }: RolloutRow): boolean {
  return state === 'starting' || state === 'running' || state === 'paused' || state === 'grading'
}

const JOB_MARKS: Readonly<Record<JobRow['state'], Pick<Standing, 'mark' | 'style'>>> = {
  running: { mark: '▶', style: 'plain' },
  paused: { mark: '⏸', style: 'accent' },
  waiting: { mark: '…', style: 'warn' },
  done: { mark: '■', style: 'muted' },
  stopped: { mark: '⊘', style: 'muted' },
  failed: { mark: '!', style: 'error' },
  lost: { mark: '!', style: 'error' },
}

/** How a job stands. */
export function jobMark({ state }: JobRow): Pick<Standing, 'mark' | 'style'> {
  return JOB_MARKS[state]
}

/** What a rollout does right now, in a person's words; `''` where its state says it all. */
export function doingText({ state, phase }: RolloutRow, liveKind: string): string {
  if (state !== 'running') return ''
  switch (phase) {
    case 'sandbox':
      return 'preparing the sandbox'
    case 'replay':
      return 'replaying earlier steps'
    case 'query':
      return QUERY_WORDS[liveKind] ?? 'waiting for the model'
    case 'retry':
      return 'waiting to ask the model again'
    case 'execute':
      return 'running the action'
    case 'patch':
      return 'reading the patch'
    default:
      return phase ?? ''
  }
}

const QUERY_WORDS: Readonly<Record<string, string>> = {
  reply: 'the model is writing',
  reasoning: 'the model is thinking',
  call: 'the model is writing a call',
}
