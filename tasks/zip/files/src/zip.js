const lengths = (lists) => lists.map((list) => list.length);

const rows = (lists, count, missing) =>
  Array.from({ length: count }, (_, at) => lists.map((list) => (at < list.length ? list[at] : missing)));

/** First items together, second items together …; ends with the shortest list. */
export function zip(...lists) {
  if (lists.length === 0) return [];
  return rows(lists, Math.max(...lengths(lists)));
}

/** Like `zip`, but ends with the longest list; `missing` fills the gaps. */
export function zipLongest(lists, missing) {
  if (lists.length === 0) return [];
  return rows(lists, Math.max(...lengths(lists)), missing);
}

/** Undoes `zip`. */
export function unzip(pairs) {
  return zip(...pairs);
}

/** `combine` called with the first items, the second items … */
export function zipWith(combine, ...lists) {
  return zip(...lists).map((items) => combine(...items));
}

/** An object from a list of names and a list of values. */
export function zipObject(names, values) {
  return Object.fromEntries(zip(names, values));
}
