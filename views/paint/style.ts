/** What a style name looks like: SGR parameters with the terminal's own 16 colours, and without colour. */
interface Look {
  readonly colour: string
  readonly mono: string
}

/**
 * Every style a view may use, by meaning. Colour is never the only sign: a view that says `bad` also writes a word or a mark.
 * `muted` second-rank text · `title` names of panes · `key` keys in the footer · `accent` what to look at first ·
 * `addedWord`/`removedWord` the changed words inside a changed line · `match` a search hit · `curveA` … `curveF` curves of one
 * chart, which letters tell apart as well.
 */
export const STYLES = {
  plain: { colour: '', mono: '' },
  muted: { colour: '2', mono: '2' },
  bold: { colour: '1', mono: '1' },
  title: { colour: '1;36', mono: '1' },
  border: { colour: '2', mono: '2' },
  key: { colour: '1', mono: '1' },
  accent: { colour: '36', mono: '1' },
  good: { colour: '32', mono: '' },
  bad: { colour: '31', mono: '' },
  warn: { colour: '33', mono: '1' },
  critical: { colour: '1;33', mono: '1' },
  error: { colour: '1;31', mono: '1' },
  added: { colour: '32', mono: '' },
  removed: { colour: '31', mono: '' },
  addedWord: { colour: '1;4;32', mono: '1;4' },
  removedWord: { colour: '1;4;31', mono: '1;4' },
  match: { colour: '1;4;33', mono: '1;4' },
  curveA: { colour: '36', mono: '' },
  curveB: { colour: '33', mono: '' },
  curveC: { colour: '32', mono: '' },
  curveD: { colour: '35', mono: '' },
  curveE: { colour: '31', mono: '' },
  curveF: { colour: '34', mono: '' },
} as const satisfies Record<string, Look>

export type StyleName = keyof typeof STYLES

/** How much a terminal can show: its 16 colours, attributes without colour, or nothing but characters. */
export type ColourMode = 'colour' | 'mono' | 'none'

const NAMES = Object.keys(STYLES) as StyleName[]
const INDEX = new Map(NAMES.map((name, index) => [name, index]))

/** What the environment allows: `NO_COLOR` (any value but empty) and `TERM=dumb` are respected. */
export function colourMode(env: Readonly<Record<string, string | undefined>>): ColourMode {
  if (env['TERM'] === 'dumb') return 'none'
  return env['NO_COLOR'] ? 'mono' : 'colour'
}

/** A small number for a style, selected (reverse video) or not: what the painter keeps per cell. 0 = plain. */
export function styleId(name: StyleName, selected: boolean): number {
  return (INDEX.get(name) ?? 0) * 2 + (selected ? 1 : 0)
}

/** SGR sequences by style id; each starts from a reset, so that they can follow each other in any order. */
export function sgrTable(mode: ColourMode): readonly string[] {
  return NAMES.flatMap((name) => [sgr(name, false, mode), sgr(name, true, mode)])
}

function sgr(name: StyleName, selected: boolean, mode: ColourMode): string {
  if (mode === 'none') return ''
  // Dim reverse video is unreadable in many palettes: a selected span keeps its colour and loses its dimness.
  const look = STYLES[name][mode]
  const parameters = selected ? `${look === '2' ? '' : look};7` : look
  return `\u001b[0${parameters === '' ? '' : `;${parameters.replace(/^;/, '')}`}m`
}
