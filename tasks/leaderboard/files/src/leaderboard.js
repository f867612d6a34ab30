/** Best scores of players. */
export class Leaderboard {
  #scores = new Map()

  /** Keeps the better of the old and the new score. Returns whether it is a personal record. */
  submit(player, score) {
    const best = this.#scores.get(player)
    if (best !== undefined && best >= score) return false
    this.#scores.set(player, score)
    return true
  }

  /** Rows `{ rank, player, score }`, best first; players with equal scores share a rank and stand in the order of their names. */
  rows() {
    const sorted = [...this.#scores].sort(
      ([left, leftScore], [right, rightScore]) => rightScore - leftScore || left.localeCompare(right),
    )
    let rank = 0
    return sorted.map(([player, score], at) => {
      if (at === 0 || score !== sorted[at - 1][1]) rank = at + 1
      return { rank, player, score }
    })
  }

  top(count) {
    return this.rows().slice(0, count)
  }

  /** A player with `reach` rows above and below; empty for an unknown player. */
  around(player, reach) {
    const rows = this.rows()
    const at = rows.findIndex((row) => row.player === player)
    if (at === -1) return []
    return rows.slice(Math.max(0, at - reach), at + reach)
  }

  rankOf(player) {
    return this.rows().find((row) => row.player === player)?.rank
  }
}
