import type { RolloutRow } from '../model.ts'
import { rolloutMatcher } from './matching.ts'
import { byName, rolloutOrder, type RolloutSort } from './ordering.ts'

/** How rollouts are to be listed. */
export interface ListingWish {
  readonly sort: RolloutSort
  /** Another number sorts anew by what the rows now are. */
  readonly sortedAgain: number
  readonly filter: string
  readonly grouped: boolean
  /** Tasks whose rollouts are folded away. */
  readonly folded: ReadonlySet<string>
  /** Stays listed although it no longer matches, so that it does not vanish under the cursor. */
  readonly selected: number | undefined
}

/** Rollouts of one task, side by side in the list. */
export interface Group {
  readonly task: string
  readonly rows: readonly RolloutRow[]
}

/**
 * The lines of the table. Rows do not move while a person watches: the order holds until another one is asked for or rollouts are
 * added, whatever else changes.
 */
export class Listing {
  #rows: readonly RolloutRow[] = []
  #wish: ListingWish | undefined
  /** Positions in `#rows`, sorted. */
  #order: readonly number[] = []
  /** Place in the order by id; kept while rollouts are added. */
  #places = new Map<number, number>()
  /** Positions that match, in order. */
  #kept: readonly number[] = []
  #groups: readonly { readonly task: string; readonly from: number; readonly to: number }[] = []
  /** Per line: a place in `#kept`, or −1 − the index of a group. */
  #lines: readonly number[] | undefined

  /** Brings the list up to date; work only where something changed. */
  follow(rows: readonly RolloutRow[], wish: ListingWish): void {
    const before = this.#wish
    const sameRows = rows === this.#rows
    const isListed = sameRollouts(rows, this.#rows)
    const sorted = isListed && before?.sort === wish.sort && before.sortedAgain === wish.sortedAgain
    const asked = before?.filter !== wish.filter
    if (sameRows && sorted && !asked && sameShape(before, wish)) return
    const wasKept = asked || wish.selected === undefined ? undefined : this.#isKept(wish.selected)
    this.#rows = rows
    this.#wish = wish
    if (!sorted) this.#sort(wish, before?.sort === wish.sort && before.sortedAgain === wish.sortedAgain)
    if (sorted && !asked && wish.filter === '' && sameShape(before, wish)) return
    this.#keep(wish, wasKept === true)
    this.#shape(wish)
  }

  /** Number of lines. */
  get count(): number {
    return this.#lines?.length ?? this.#kept.length
  }

  /** Number of rollouts that match. */
  get matching(): number {
    return this.#kept.length
  }

  /** The rollout on a line; `undefined`: a group's line, or none. */
  rowAt(line: number): RolloutRow | undefined {
    const place = this.#lines === undefined ? line : (this.#lines[line] ?? -1)
    return place < 0 ? undefined : this.#rows[this.#kept[place] ?? -1]
  }

  /** The group whose line this is. */
  groupAt(line: number): Group | undefined {
    const place = this.#lines?.[line] ?? 0
    const group = place < 0 ? this.#groups[-1 - place] : undefined
    if (group === undefined) return undefined
    return {
      task: group.task,
      rows: this.#kept.slice(group.from, group.to).flatMap((at) => this.#rows[at] ?? []),
    }
  }

  /** The line of a rollout, looked for first where it is expected; −1: it is not listed. */
  lineOf(id: number, expected = 0): number {
    if (this.rowAt(expected)?.id === id) return expected
    for (let line = 0; line < this.count; line++) if (this.rowAt(line)?.id === id) return line
    return -1
  }

  /** The line of a task's group; −1: there is none. */
  lineOfGroup(task: string): number {
    const index = this.#groups.findIndex((group) => group.task === task)
    return index < 0 ? -1 : (this.#lines?.indexOf(-1 - index) ?? -1)
  }

  #isKept(id: number): boolean {
    return this.#kept.some((at) => this.#rows[at]?.id === id)
  }

  #sort(wish: ListingWish, onlyAdded: boolean): void {
    const places = onlyAdded && wish.sort !== 'task' ? this.#places : undefined
    this.#order = rolloutOrder(this.#rows, wish.sort, places)
    this.#places = new Map(this.#order.map((at, place) => [this.#rows[at]?.id ?? -1, place]))
  }

  #keep({ filter, selected }: ListingWish, keepSelected: boolean): void {
    const matches = rolloutMatcher(filter)
    this.#kept =
      matches === undefined
        ? this.#order
        : this.#order.filter((at) => {
            const row = this.#rows[at]
            return row !== undefined && (matches(row) || (keepSelected && row.id === selected))
          })
  }

  #shape({ grouped, folded }: ListingWish): void {
    this.#groups = []
    this.#lines = undefined
    if (!grouped) return
    const byTask = Map.groupBy(this.#kept, (at) => this.#rows[at]?.task ?? '')
    const tasks = [...byTask.keys()].sort(byName)
    this.#kept = tasks.flatMap((task) => byTask.get(task) ?? [])
    const lines: number[] = []
    const groups: { task: string; from: number; to: number }[] = []
    let from = 0
    for (const task of tasks) {
      const to = from + (byTask.get(task)?.length ?? 0)
      lines.push(-1 - groups.length)
      groups.push({ task, from, to })
      if (!folded.has(task)) for (let place = from; place < to; place++) lines.push(place)
      from = to
    }
    this.#groups = groups
    this.#lines = lines
  }
}

function sameShape(before: ListingWish | undefined, wish: ListingWish): boolean {
  return before?.grouped === wish.grouped && before.folded === wish.folded
}

/** Whether two lists hold the same rollouts at the same places. */
function sameRollouts(a: readonly RolloutRow[], b: readonly RolloutRow[]): boolean {
  return a === b || (a.length === b.length && a.every((row, at) => row.id === b[at]?.id))
}
