const newRow = (team) => ({ team, played: 0, points: 0, scored: 0, conceded: 0 })

const pointsFor = (own, other) => (own > other ? 3 : own === other ? 1 : 0)

/**
 * The table of a tournament, best team first: by points, difference of goals, goals, name.
 * @param {{ home: string, away: string, homeGoals: number, awayGoals: number }[]} matches
 */
export function standings(matches) {
  const rows = new Map()
  const rowOf = (team) => {
    if (!rows.has(team)) rows.set(team, newRow(team))
    return rows.get(team)
  }
  for (const { home, away, homeGoals, awayGoals } of matches) {
    const host = rowOf(home)
    host.played++
    host.points += pointsFor(homeGoals, awayGoals)
    host.scored += homeGoals
    host.conceded += awayGoals

    const guest = rowOf(away)
    guest.played++
    guest.points += pointsFor(awayGoals, homeGoals)
    guest.scored += awayGoals
    guest.conceded += awayGoals
  }
  return [...rows.values()].sort(compareRows)
}

function compareRows(left, right) {
  return (
    right.points - left.points ||
    difference(right) - difference(left) ||
    right.scored - left.scored ||
    left.team.localeCompare(right.team)
  )
}

function difference({ scored, conceded }) {
  return scored - conceded
}

/** Pairings in which each team meets each other one once. */
export function pairings(teams) {
  return teams.flatMap((home, at) => teams.slice(at + 1).map((away) => ({ home, away })))
}
