import { render, useApp, useInput, usePaste } from 'ink'
import { useEffect } from 'react'
import { SealignError } from '../src/domain/errors.ts'
import { runAttached } from './attach.ts'
import { clipboardSequence } from './clipboard.ts'
import { showInEditor } from './editor.ts'
import { keyName } from './key-name.ts'
import type { WorkbenchModel } from './model.ts'
import type { Pane, Size } from './pane.ts'
import { Painter } from './paint/painter.ts'
import { colourMode } from './paint/style.ts'
import type { CommandPort } from './ports.ts'
import { Shell, type ShellHost } from './shell/shell.ts'
import { createWelcomePane } from './welcome/pane.ts'

/** What the workbench runs on. */
export interface WorkbenchOptions {
  readonly model: WorkbenchModel
  readonly commands: CommandPort
  readonly panes: readonly Pane[]
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Earlier `:` lines, oldest first; lines typed now are added to it. */
  readonly history?: string[]
}

/**
 * Opens the workbench full screen and resolves with an exit code when the person leaves it. The terminal is restored whatever ends it.
 *
 * Ink owns the alternate screen, raw mode, key parsing, paste and hand-over to other programs; it draws nothing. The painter draws.
 */
export async function openWorkbench(options: WorkbenchOptions): Promise<number> {
  const { stdin, stdout, env } = options
  if (!stdin.isTTY || !stdout.isTTY || env['TERM'] === 'dumb') {
    throw new SealignError('usage', 'The workbench needs a terminal that can move its cursor.', {
      hint: 'Run `sealign repl` for the same commands on a plain prompt, or `sealign --help` for the shell commands.',
    })
  }
  const workbench = new Workbench(options)
  const ink = render(<Keyboard workbench={workbench} />, {
    stdin,
    stdout,
    alternateScreen: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
    isScreenReaderEnabled: false,
  })
  try {
    const code = await ink.waitUntilExit()
    return typeof code === 'number' ? code : 0
  } finally {
    workbench.close()
  }
}

type InkApp = ReturnType<typeof useApp>

/** The painter, the shell and Ink's hand on the terminal, held together. */
class Workbench implements ShellHost {
  readonly shell: Shell
  readonly #options: WorkbenchOptions
  readonly #painter: Painter
  readonly #resized: () => void
  #ink: InkApp | undefined

  constructor(options: WorkbenchOptions) {
    this.#options = options
    const { stdout, env, model } = options
    this.shell = new Shell({
      ...options,
      host: this,
      history: options.history ?? [],
      welcome: createWelcomePane({ session: model.session, running: () => this.shell.state().running }),
    })
    this.#painter = new Painter(stdout, terminalSize(stdout), colourMode(env), () => this.shell.frame())
    this.#resized = () => {
      const { columns, rows } = terminalSize(stdout)
      this.#painter.resize(columns, rows)
    }
  }

  /** Starts drawing; Ink has the terminal in its modes by now. */
  open(ink: InkApp): void {
    this.#ink = ink
    this.#options.stdout.on('resize', this.#resized)
    this.#painter.resume()
  }

  close(): void {
    this.#painter.pause()
    this.#options.stdout.off('resize', this.#resized)
  }

  size(): Size {
    const { columns, rows } = terminalSize(this.#options.stdout)
    return { width: columns, height: rows }
  }

  redraw(when: 'now' | 'soon'): void {
    if (when === 'now') this.#painter.answer()
    else this.#painter.request()
  }

  repaint(): void {
    this.#painter.invalidate()
  }

  copy(text: string): string | undefined {
    const sequence = clipboardSequence(text, this.#options.env)
    if (sequence === undefined)
      return 'This is too long for a terminal clipboard (74 kB); e opens it in $EDITOR instead.'
    this.#options.stdout.write(sequence)
    return undefined
  }

  async edit(name: string, text: string): Promise<string | undefined> {
    let problem: string | undefined
    await this.#handOver(async () => {
      problem = await showInEditor(name, text, this.#options.env)
    })
    return problem
  }

  async attach(argv: readonly string[]): Promise<string | undefined> {
    let problem: string | undefined
    await this.#handOver(async () => {
      problem = await runAttached(argv)
    })
    return problem
  }

  async suspend(): Promise<void> {
    if (process.platform === 'win32') return
    await this.#handOver(async () => {
      const continued = new Promise<void>((resolve) => process.once('SIGCONT', () => resolve()))
      // The whole group, as the terminal itself would: npm in front of us must stop too.
      process.kill(0, 'SIGTSTP')
      await continued
    })
  }

  exit(code: number): void {
    this.#painter.pause()
    this.#ink?.exit(code)
  }

  async #handOver(work: () => Promise<void>): Promise<void> {
    this.#painter.pause()
    await this.#ink?.suspendTerminal(work)
    this.#painter.resume()
  }
}

/** Ink's part: keys, pastes and the terminal's modes; its own frame stays empty. */
function Keyboard({ workbench }: { readonly workbench: Workbench }): null {
  const app = useApp()
  useEffect(() => {
    workbench.open(app)
    return () => workbench.close()
  }, [workbench, app])
  useInput((input, key) => {
    if (key.eventType === 'release') return
    const name = keyName(input, key)
    if (name === undefined) workbench.shell.burst(input)
    else workbench.shell.press(name)
  })
  usePaste((text) => workbench.shell.paste(text))
  return null
}

function terminalSize(stdout: NodeJS.WriteStream): { columns: number; rows: number } {
  return { columns: stdout.columns || 80, rows: stdout.rows || 24 }
}
