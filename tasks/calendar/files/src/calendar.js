const WEEK = 7

export function isLeapYear(year) {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

/** Months are counted from 1. */
export function daysInMonth(year, month) {
  if (month === 2) return isLeapYear(year) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** 0 is Monday, 6 is Sunday. */
export function weekday(year, month, day) {
  const sundayFirst = new Date(Date.UTC(year, month - 1, day)).getUTCDay()
  return (sundayFirst + 1) % WEEK
}

/** The weeks of a month; days of other months are `null`. */
export function monthRows(year, month) {
  const days = Array.from({ length: daysInMonth(year, month) }, (_, at) => at + 1)
  const before = new Array(weekday(year, month, 1)).fill(null)
  const places = [...before, ...days]
  while (places.length % WEEK !== 0) places.push(null)
  const rows = []
  for (let at = 0; at < places.length; at += WEEK) rows.push(places.slice(at, at + WEEK))
  return rows
}

/** The month before or after. */
export function shiftMonth({ year, month }, by) {
  const months = year * 12 + (month - 1) + by
  return { year: Math.floor(months / 12), month: (months % 12) + 1 }
}
