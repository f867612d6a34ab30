import { rowText, fitRow } from '../../views/paint/row.ts'
import type { Placed } from '../../views/paint/painter.ts'
import type { Pane, Size } from '../../views/pane.ts'
import type { CommandPort, CommandResult } from '../../views/ports.ts'
import { Shell, type ShellHost } from '../../views/shell/shell.ts'
import { createWelcomePane } from '../../views/welcome/pane.ts'
import type { WorkbenchModel } from '../../views/model.ts'

/** The workbench without a terminal: press keys, read lines. */
export class Screen implements ShellHost {
  readonly shell: Shell
  readonly ran: string[] = []
  readonly copied: string[] = []
  readonly edited: string[] = []
  readonly attached: (readonly string[])[] = []
  exitCode: number | undefined
  readonly #size: Size

  constructor(
    model: WorkbenchModel,
    panes: readonly Pane[],
    size: Size,
    answer: (line: string) => Promise<CommandResult> = done,
  ) {
    this.#size = size
    const commands: CommandPort = {
      complete: () => [],
      run: (line) => {
        this.ran.push(line)
        return answer(line)
      },
    }
    const welcome = createWelcomePane({ session: model.session, running: () => this.shell.state().running })
    this.shell = new Shell({ model, commands, panes, welcome, host: this, history: [] })
  }

  /** Presses keys by name, one after the other. */
  press(...keys: readonly string[]): this {
    for (const key of keys) this.shell.press(key)
    return this
  }

  /** Types text into the open line, character by character. */
  type(text: string): this {
    return this.press(...Array.from(text))
  }

  /** The screen's lines without trailing blanks. */
  lines(): string[] {
    const lines = Array.from({ length: this.#size.height }, () => '')
    for (const { rect, rows } of this.shell.frame() satisfies readonly Placed[]) {
      rows.slice(0, rect.height).forEach((row, index) => {
        lines[rect.y + index] = rowText(fitRow(row, rect.width)).trimEnd()
      })
    }
    return lines
  }

  text(): string {
    return this.lines().join('\n')
  }

  size = (): Size => this.#size
  redraw = (): void => undefined
  repaint = (): void => undefined
  copy = (text: string): undefined => void this.copied.push(text)
  edit = (_name: string, text: string): Promise<undefined> => Promise.resolve(void this.edited.push(text))
  attach = (argv: readonly string[]): Promise<undefined> => Promise.resolve(void this.attached.push(argv))
  suspend = (): Promise<void> => Promise.resolve()
  exit = (code: number): void => void (this.exitCode = code)
}

function done(): Promise<CommandResult> {
  return Promise.resolve({ type: 'message', text: '' })
}
