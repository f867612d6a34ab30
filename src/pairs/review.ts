import type { PairStatus } from '../domain/pair.ts'

/**
 * What a reviewer may say about a Pair: `accept`, `reject`, `skip` set its status; `swap` and `flag` toggle; `note` sets the note
 * (an empty one removes it); `reopen` makes it pending and flagged, with a note where there is one; `undo` takes back the same
 * reviewer's last Review of the Pair that still stands.
 */
export const VERDICTS = ['accept', 'reject', 'skip', 'swap', 'flag', 'note', 'reopen', 'undo'] as const
export type Verdict = (typeof VERDICTS)[number]

/** One human decision on a Pair; appended, never overwritten. */
export interface Review {
  /** Order in the Session, unique and rising. */
  readonly seq: number
  readonly pair: string
  readonly verdict: Verdict
  readonly reviewer: string
  /** When, ISO 8601. */
  readonly at: string
  readonly note?: string
}

/** Where a Pair stands after its Reviews. */
export interface ReviewState {
  readonly status: PairStatus
  /** true: the rejected side is to be preferred. */
  readonly swapped: boolean
  readonly flagged: boolean
  readonly note?: string
  /** Who decided the status, or who spoke last where nobody has; and when, milliseconds since the epoch. */
  readonly reviewer?: string
  readonly at?: number
}

const STATUS: Partial<Record<Verdict, PairStatus>> = {
  accept: 'accepted',
  reject: 'rejected',
  skip: 'skipped',
  reopen: 'pending',
}

/**
 * Folds Reviews as they arrive, from any number of reviewers: the last verdict that still stands decides. Rows may come in
 * batches, as long as each batch is newer than those before it.
 */
export class ReviewFold {
  /** Reviews of each Pair that nobody has taken back, in order. */
  readonly #standing = new Map<string, Review[]>()

  append(rows: readonly Review[]): void {
    for (const row of rows.toSorted((a, b) => a.seq - b.seq)) {
      const standing = this.#standing.get(row.pair) ?? []
      this.#standing.set(row.pair, standing)
      if (row.verdict !== 'undo') standing.push(row)
      else {
        const last = standing.findLastIndex((review) => review.reviewer === row.reviewer)
        if (last >= 0) standing.splice(last, 1)
      }
    }
  }

  /** Where one Pair stands. */
  state(pair: string): ReviewState {
    return stateAfter(this.#standing.get(pair) ?? [])
  }

  /** Where every Pair stands that was ever reviewed, by id. */
  states(): Map<string, ReviewState> {
    return new Map([...this.#standing].map(([pair, standing]) => [pair, stateAfter(standing)]))
  }
}

/** Where every reviewed Pair stands, by id. */
export function foldReviews(rows: readonly Review[]): Map<string, ReviewState> {
  const fold = new ReviewFold()
  fold.append(rows)
  return fold.states()
}

function stateAfter(standing: readonly Review[]): ReviewState {
  const swaps = standing.filter((review) => review.verdict === 'swap').length
  const decision = standing.findLast((review) => STATUS[review.verdict] !== undefined)
  const reopened = standing.findLastIndex((review) => review.verdict === 'reopen')
  const flags = standing.slice(reopened + 1).filter((review) => review.verdict === 'flag').length
  const note = standing.findLast(
    ({ verdict, note: text }) => verdict === 'note' || (verdict === 'reopen' && text),
  )?.note
  const by = decision ?? standing.at(-1)
  const at = by === undefined ? Number.NaN : Date.parse(by.at)
  return {
    status: (decision && STATUS[decision.verdict]) ?? 'pending',
    swapped: swaps % 2 === 1,
    flagged: (reopened < 0 ? flags : flags + 1) % 2 === 1,
    ...(note !== undefined && note !== '' && { note }),
    ...(by !== undefined && { reviewer: by.reviewer }),
    ...(Number.isFinite(at) && { at }),
  }
}
