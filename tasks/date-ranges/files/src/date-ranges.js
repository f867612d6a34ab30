/** Ranges of days `{ from, to }`, as `YYYY-MM-DD`; the day `to` itself is not included (a guest leaves that day). */

const DAY = 86_400_000

const time = (day) => Date.parse(`${day}T00:00:00Z`)

/** Number of nights. */
export function nights({ from, to }) {
  return Math.round((time(to) - time(from)) / DAY)
}

export function contains(range, day) {
  return range.from <= day && day < range.to
}

export function overlaps(one, other) {
  return one.from < other.to || other.from < one.to
}

/** The days two ranges share; `undefined` when there are none. */
export function intersection(one, other) {
  const from = one.from > other.from ? one.from : other.from
  const to = one.to < other.to ? one.to : other.to
  return from < to ? { from, to } : undefined
}

/**
 * Names of the rooms without a booking in a range.
 * @param {Record<string, { from: string, to: string }[]>} bookings by room
 */
export function freeRooms(bookings, range) {
  return Object.keys(bookings).filter((room) => !bookings[room].some((booking) => overlaps(booking, range)))
}
