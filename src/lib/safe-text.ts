import stringWidth from 'string-width'

declare const safe: unique symbol

/**
 * One line of text that may be written to a terminal: no ESC, C0, C1, bidi, zero-width or tag characters, no lone
 * surrogates, tabs expanded. Made only by `safeText` and `safeLines`, so that no view can forget it.
 */
export type SafeText = string & { readonly [safe]: true }

const TAB = 4
/** A grapheme keeps at most this many code points, so that stacked combining marks cannot flood a cell. */
const MAX_CODE_POINTS = 4

/** Negated classes without a quantifier: `^[…]*$` overflows the regular expression stack on texts of megabytes. */
const notPlain = /[^\x20-\x7e]/
/** Anything beyond ASCII, Latin letters, box drawing, blocks, arrows and braille: those need no replacing and no segmenting. */
const notSimple =
  /[^\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u25ff\u2801-\u28ff]/
const controls = /\p{Cc}|[\u2028\u2029]/gu
/** Presentation only: joiners inside an emoji sequence, emoji variation selectors and skin tones change nothing a reader must see. */
const emojiDress =
  /(?<=\p{Extended_Pictographic}(?:\ufe0e|\ufe0f|\p{Emoji_Modifier}){0,2})(?:\ufe0e|\ufe0f|\p{Emoji_Modifier}|\u200d(?=\p{Extended_Pictographic}))/gu
/** Everything else that a terminal draws as nothing, or that reorders what it draws. */
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu
const needsSegments = /[\p{M}\p{Regional_Indicator}\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7ff\u0e33\u0eb3]/u
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * The one door for untrusted text: one logical line in, one printable line out. What is not printable becomes a visible
 * picture (`␛`, `⏎`, `�`); nothing is hidden and nothing is swallowed.
 *
 * @param maxLength - longest result wanted, in UTF-16 units; more is cut before any work is done and ends in `…`.
 */
export function safeText(raw: string, maxLength = Number.POSITIVE_INFINITY): SafeText {
  const text = raw.length > maxLength ? `${raw.slice(0, Math.max(0, maxLength - 1))}…` : raw
  return (notPlain.test(text) && notSimple.test(text) ? cleaned(text) : text) as SafeText
}

/** Text of many lines as safe lines; `\r\n` and a lone `\r` end a line too (a progress bar's overwritten states stay readable). */
export function safeLines(raw: string): SafeText[] {
  return splitLines(raw).map((line) => safeText(line))
}

/** Lines of raw text, cheap to make (slices): for views that make only the visible ones safe. */
export function splitLines(raw: string): string[] {
  return raw.split(/\r\n|\n|\r/)
}

/** Safe texts after each other; they stay safe. */
export function concat(...parts: readonly SafeText[]): SafeText {
  return parts.join('') as SafeText
}

/** A safe text cut by UTF-16 index; a cut inside a surrogate pair leaves no half behind. */
export function sliceText(text: SafeText, start: number, end?: number): SafeText {
  return text.slice(start, end).toWellFormed() as SafeText
}

/** A safe text repeated `count` times (never negative). */
export function repeat(text: SafeText, count: number): SafeText {
  return text.repeat(Math.max(0, count)) as SafeText
}

function cleaned(text: string): string {
  const pictured = expandTabs(text.toWellFormed())
    .replace(controls, picture)
    .replace(emojiDress, '')
    .replace(invisible, '�')
  return needsSegments.test(pictured) ? boundedGraphemes(pictured) : pictured
}

function picture(control: string): string {
  const code = control.charCodeAt(0)
  if (code === 0x0a || code === 0x0d || code === 0x85 || code >= 0x2028) return '⏎'
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '␡' : '␛'
}

function expandTabs(text: string): string {
  if (!text.includes('\t')) return text
  const [first = '', ...rest] = text.split('\t')
  let line = first
  for (const part of rest) {
    const column = notPlain.test(line) ? stringWidth(line) : line.length
    line += ' '.repeat(TAB - (column % TAB)) + part
  }
  return line
}

function boundedGraphemes(text: string): string {
  let line = ''
  for (const { segment } of segmenter.segment(text)) {
    const points = Array.from(segment)
    const kept = points.length > MAX_CODE_POINTS ? points.slice(0, MAX_CODE_POINTS).join('') : segment
    // A mark without a base would be drawn onto whatever stands in the cell before it, a border for instance.
    line += stringWidth(kept) === 0 ? `◌${kept}` : kept
  }
  return line
}
