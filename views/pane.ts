import type { Binding, PaneId } from './keymap.ts'
import type { Row } from './paint/row.ts'
import type { CommandResult, Selection } from './ports.ts'

/** Cells of a pane. */
export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * What a pane asks of the shell around it.
 * - `command`: run a command line; `then` hears how it went before the next frame is drawn
 * - `line`: let the person type one line (a note, a search); `submit` hears it, `change` hears every edit
 * - `prompt`: open the `:` line with this text in it
 * - `copy`: to the clipboard; `edit`: show in $EDITOR; `show`: switch to another pane, with something selected there
 * - `attach`: give the terminal to an interactive program until it ends
 */
export type PaneEffect =
  | {
      readonly type: 'command'
      readonly line: string
      readonly then?: (result: CommandResult) => PaneEffect | undefined
    }
  | {
      readonly type: 'line'
      readonly label: string
      readonly text: string
      readonly submit: (text: string) => PaneEffect | undefined
      readonly change?: (text: string) => void
    }
  | { readonly type: 'prompt'; readonly text: string }
  | { readonly type: 'copy'; readonly text: string; readonly what: string }
  | { readonly type: 'edit'; readonly name: string; readonly text: string }
  | { readonly type: 'message'; readonly text: string }
  | { readonly type: 'error'; readonly text: string }
  | { readonly type: 'show'; readonly pane: PaneId; readonly selection?: Selection }
  | { readonly type: 'attach'; readonly argv: readonly string[]; readonly what: string }

/** A full-screen part of the workbench. It keeps its own state; the shell gives it keys' words and asks it for rows. */
export interface Pane {
  readonly id: PaneId
  /** The digit that opens it. */
  readonly tab: string
  readonly title: string
  readonly bindings: readonly Binding[]
  /** What to draw now; called once per frame, and only visible rows are worth computing. */
  rows(size: Size): readonly Row[]
  /** Does what a binding's `run` says. */
  run(words: string, size: Size): PaneEffect | undefined
  /** Why a binding cannot run now, one short phrase; `undefined`: it can. Such keys are not in the footer. */
  disabledReason(run: string): string | undefined
  /** The text of the `/` line; setting it filters at once. `undefined`: the pane has nothing to filter. */
  readonly filter: { get(): string; set(text: string): void } | undefined
  /** What commands typed now are about. */
  selection(): Selection
  /** Goes to what another pane wants shown; absent: the pane shows nothing on demand. */
  reveal?(selection: Selection, size: Size): void
  /** Milliseconds until the rows last asked for change by themselves (a clock runs); absent or `undefined`: they do not. */
  wakeAfter?(): number | undefined
  /** One phrase for the header when something needs attention (`31 pairs to review`). */
  attention(): string | undefined
}
