const SPECIAL = /[.+^${}()|[\]\\]/g

/** A glob as a regular expression: `*` and `?` stay within a folder, `**` does not, `{a,b}` is a choice. */
export function toPattern(glob) {
  const source = glob
    .split(/(\*\*\/|\*\*|\*|\?|\{[^}]*\})/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?'
      if (part === '**') return '.*'
      if (part === '*') return '[^/]*'
      if (part === '?') return '[^/]'
      if (part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').map(escaped).join('|')})`
      return escaped(part)
    })
    .join('')
  return new RegExp(`^${source}$`)
}

function escaped(text) {
  return text.replace(SPECIAL, '\\$&')
}
