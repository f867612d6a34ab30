/** Panes by name. `rollouts` is tab 1, `tree` 2, `pairs` 3, `train` 4, `report` 5; `welcome` stands in for them while a Session is empty. */
export type PaneId = 'welcome' | 'rollouts' | 'tree' | 'pairs' | 'train' | 'report'

/** One key and what it does. Footer, help and docs/keys.md are made from these rows. */
export interface Binding {
  /** The pane in which it works; `all` = every pane, unless the pane binds the key itself. */
  readonly pane: PaneId | 'all'
  /** Names of keys (key-name.ts): `j`, `G`, `ctrl+d`, `up`, `enter`, `space`, … Any of them. */
  readonly on: readonly string[]
  /** Words for the shell or the pane, e.g. `cursor next`, `fold`, `tab tree`. */
  readonly run: string
  /** What it does, a few words, for help. */
  readonly desc: string
  /** Its word in the footer; `undefined`: only in help. */
  readonly footer?: string
  /** It only moves what is seen, so it may run when several keys arrive at once (a held key on a slow link). */
  readonly moves?: boolean
}

const MOVES: readonly Binding[] = [
  { pane: 'all', on: ['j', 'down'], run: 'cursor next', desc: 'Down', moves: true },
  { pane: 'all', on: ['k', 'up'], run: 'cursor previous', desc: 'Up', moves: true },
  { pane: 'all', on: ['g', 'home'], run: 'cursor first', desc: 'To the top', moves: true },
  { pane: 'all', on: ['G', 'end'], run: 'cursor last', desc: 'To the bottom', moves: true },
  { pane: 'all', on: ['ctrl+d'], run: 'cursor half-page-down', desc: 'Half a page down', moves: true },
  { pane: 'all', on: ['ctrl+u'], run: 'cursor half-page-up', desc: 'Half a page up', moves: true },
  { pane: 'all', on: ['pagedown'], run: 'cursor page-down', desc: 'A page down', moves: true },
  { pane: 'all', on: ['pageup'], run: 'cursor page-up', desc: 'A page up', moves: true },
]

/** Keys that work in every pane. */
export const SHELL_BINDINGS: readonly Binding[] = [
  ...MOVES,
  { pane: 'all', on: ['1'], run: 'tab rollouts', desc: 'Rollouts', moves: true },
  { pane: 'all', on: ['2'], run: 'tab tree', desc: 'Trees', moves: true },
  { pane: 'all', on: ['3'], run: 'tab pairs', desc: 'Pairs', moves: true },
  { pane: 'all', on: ['4'], run: 'tab train', desc: 'Training', moves: true },
  { pane: 'all', on: ['5'], run: 'tab report', desc: 'Report', moves: true },
  { pane: 'all', on: ['tab'], run: 'tab next', desc: 'Next pane', moves: true },
  { pane: 'all', on: ['shift+tab'], run: 'tab previous', desc: 'Previous pane', moves: true },
  { pane: 'all', on: ['/'], run: 'filter', desc: 'Filter', footer: 'filter' },
  { pane: 'all', on: [':'], run: 'line', desc: 'Type a command', footer: 'command' },
  { pane: 'all', on: ['y'], run: 'copy', desc: 'Copy to the clipboard (OSC 52)' },
  { pane: 'all', on: ['e'], run: 'edit', desc: 'Open in $EDITOR' },
  { pane: 'all', on: ['+', '='], run: 'zoom in', desc: 'Give the focused part more room', moves: true },
  { pane: 'all', on: ['_', '-'], run: 'zoom out', desc: 'Give it less room', moves: true },
  { pane: 'all', on: ['esc'], run: 'back', desc: 'Back, close, or clear the filter' },
  { pane: 'all', on: ['ctrl+l'], run: 'repaint', desc: 'Paint the screen again' },
  { pane: 'all', on: ['ctrl+z'], run: 'suspend', desc: 'Suspend (fg brings it back)' },
  { pane: 'all', on: ['?'], run: 'help', desc: 'Help', footer: 'help' },
  { pane: 'all', on: ['q'], run: 'quit', desc: 'Quit', footer: 'quit' },
]

/** The binding of a key in a pane: the pane's own before the one for all. */
export function bindingFor(key: string, bindings: readonly Binding[]): Binding | undefined {
  return bindings.find((row) => row.on.includes(key)) ?? SHELL_BINDINGS.find((row) => row.on.includes(key))
}

const GLYPHS: Readonly<Record<string, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  enter: 'Enter',
  space: 'Space',
  tab: 'Tab',
  'shift+tab': 'Shift-Tab',
  esc: 'Esc',
  backspace: 'Backspace',
  delete: 'Del',
  home: 'Home',
  end: 'End',
  pageup: 'PgUp',
  pagedown: 'PgDn',
}

/** How a key is written for people: `ctrl+d` is `Ctrl-d`. */
export function keyLabel(key: string): string {
  return GLYPHS[key] ?? (key.startsWith('ctrl+') ? `Ctrl-${key.slice(5)}` : key)
}

/** All keys of a binding for people: `j ↓`. */
export function keyLabels(binding: Binding): string {
  return binding.on.map(keyLabel).join(' ')
}

/** docs/keys.md: every key of every pane, from the same rows as the help. */
export function keysMarkdown(
  panes: readonly { readonly title: string; readonly bindings: readonly Binding[] }[],
): string {
  const sections = [...panes, { title: 'Everywhere', bindings: SHELL_BINDINGS }]
  const lines = sections.flatMap(({ title, bindings }) => [
    `## ${title}`,
    '',
    '| Key | What it does |',
    '|---|---|',
    ...bindings.map(
      (row) => `| ${row.on.map((key) => `\`${keyLabel(key).replace('|', '\\|')}\``).join(' ')} | ${row.desc} |`,
    ),
    '',
  ])
  return [
    '# Keys',
    '',
    'Made from the key tables of the program; `?` shows the same on the screen.',
    '',
    ...lines,
  ].join('\n')
}
