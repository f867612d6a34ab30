const WORDS = [
  ['&', ' and '],
  ['@', ' at '],
  ['%', ' percent '],
]

/** Letters without their accents: `é` becomes `e`. */
export function withoutAccents(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '')
}

/**
 * A title as part of a URL: small letters, digits and single dashes.
 * @param {number} [limit] most characters; cut at a dash where possible
 */
export function slugify(title, limit = 60) {
  let text = title
  for (const [sign, word] of WORDS) text = text.replace(sign, word)
  const slug = withoutAccents(text)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  if (slug.length <= limit) return slug
  const cut = slug.lastIndexOf('-', limit)
  return slug.slice(0, cut > 0 ? cut : limit)
}

/** A slug no other page has: `-2`, `-3` … is added when it is taken. */
export function uniqueSlug(title, taken) {
  const slug = slugify(title)
  if (!taken.has(slug)) return slug
  let number = 2
  while (taken.has(`${slug}-${number}`)) number++
  return `${slug}-${number}`
}
