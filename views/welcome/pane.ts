import type { Pane, PaneEffect, Size } from '../pane.ts'
import { type Row, span, textRow, wrapRows } from '../paint/row.ts'
import { safeText } from '../../src/lib/safe-text.ts'
import type { Running } from '../shell/state.ts'

/** What the welcome pane looks at. */
export interface WelcomeSource {
  readonly session: string
  /** The command running now, if any. */
  running(): Pick<Running, 'line' | 'progress'> | undefined
}

/** Shown while a Session is empty: what to type, and how far an import is. */
export function createWelcomePane(source: WelcomeSource): Pane {
  return {
    id: 'welcome',
    tab: '',
    title: 'Welcome',
    bindings: [{ pane: 'welcome', on: ['i', 'enter'], run: 'import', desc: 'Import trajectories', footer: 'import' }],
    rows: (size) => welcomeRows(source, size),
    run: (words): PaneEffect | undefined => (words === 'import' ? { type: 'prompt', text: 'import ' } : undefined),
    disabledReason: (run) => (run === 'import' && source.running() !== undefined ? 'an import is running' : undefined),
    filter: undefined,
    selection: () => ({}),
    attention: () => undefined,
  }
}

function welcomeRows(source: WelcomeSource, size: Size): Row[] {
  const width = Math.min(size.width - 4, 96)
  const running = source.running()
  const rows = running === undefined ? invitation(source.session, width) : progressRows(running, width)
  return rows.map((row) => [span('  '), ...row])
}

function invitation(session: string, width: number): Row[] {
  const paragraph = (text: string) => wrapRows(safeText(text), width)
  return [
    [],
    textRow('Nothing is here yet', 'title'),
    [],
    ...paragraph(
      'sealign merges what agents did on the same task into trees, finds the decisions that made the difference, lets you review them, and exports them for preference training.',
    ),
    [],
    [span('Type '), span(':import PATH', 'key'), span(' and press Enter (or press i).')],
    ...paragraph(
      'PATH is a file or folder of trajectories: OpenHands, SWE-agent, mini-swe-agent, tau-bench, MINT, Hugging Face rows and more. The format is recognised.',
    ),
    [],
    [span('Or let a model work: '), span(':rollout start --tasks FILE --base-url URL', 'key')],
    ...paragraph('FILE holds tasks (SWE-bench rows, HumanEvalFix, task folders), URL is an OpenAI-compatible server.'),
    [],
    [
      span('Or see the whole method at work first: '),
      span(':demo', 'key'),
      span(' (two minutes, nothing else needed)'),
    ],
    [],
    textRow('From a shell the same is', 'muted'),
    [span('  sealign import PATH --session '), span(session, 'bold')],
    textRow('  sealign import --list-formats'),
  ]
}

function progressRows(running: Pick<Running, 'line' | 'progress'>, width: number): Row[] {
  return [
    [],
    [span('Running ', 'title'), span(`:${running.line}`, 'key')],
    [],
    ...wrapRows(safeText(running.progress === '' ? 'Starting…' : running.progress, 2_000), width),
    [],
    textRow('Ctrl-C stops it; what is already imported stays.', 'muted'),
  ]
}
