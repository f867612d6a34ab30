import { type Guide, guideRow } from '../guide.ts'
import { type Binding, bindingFor, type PaneId } from '../keymap.ts'
import type { Loadable, WorkbenchModel } from '../model.ts'
import type { Pane, PaneEffect, Size } from '../pane.ts'
import { jumpStep } from '../paint/list-window.ts'
import type { Placed } from '../paint/painter.ts'
import { safeText } from '../../src/lib/safe-text.ts'
import { graphemes } from '../paint/width.ts'
import type { CommandPort } from '../ports.ts'
import { createStore } from '../store.ts'
import { gpuFigure } from '../train/gpu-text.ts'
import { frame, paneSize, scrolledPage } from './frame.ts'
import { LineEditor } from './line-editor.ts'
import { Notices } from './notices.ts'
import { Pace } from './pace.ts'
import { Runner } from './runner.ts'
import { SHELL_START, type ShellState, type ShellStore, updateShell } from './state.ts'

/** What the shell needs of the terminal around it. */
export interface ShellHost {
  /** The screen's size now. */
  size(): Size
  /** Something changed: `now` in answer to a key, `soon` for all else. */
  redraw(when: 'now' | 'soon'): void
  /** Forgets what the terminal shows and paints it anew. */
  repaint(): void
  /** Puts text on the clipboard; returns why that failed. */
  copy(text: string): string | undefined
  /** Shows text in the person's editor, whose the screen is meanwhile; resolves with why that failed. */
  edit(name: string, text: string): Promise<string | undefined>
  /** Runs an interactive program on the terminal until it ends; resolves with why that failed. */
  attach(argv: readonly string[]): Promise<string | undefined>
  /** Stops the program as Ctrl-Z does, until the person brings it back. */
  suspend(): Promise<void>
  exit(code: number): void
}

/** Everything the shell is made of. */
export interface ShellParts {
  readonly model: WorkbenchModel
  readonly commands: CommandPort
  /** Panes with tabs, in order. */
  readonly panes: readonly Pane[]
  /** Shown while the Session is empty. */
  readonly welcome: Pane
  readonly host: ShellHost
  /** Earlier `:` lines, oldest first; new ones are added. */
  readonly history: string[]
}

const QUIT_WARNING = 'A command is running: Ctrl-C stops it, q again stops it and quits.'

/** The workbench without a terminal: keys in, frames out. */
export class Shell {
  readonly #parts: ShellParts
  readonly #store: ShellStore = createStore(SHELL_START, updateShell)
  readonly #notices = new Notices(this.#store)
  readonly #line: LineEditor
  readonly #runner: Runner
  readonly #pace: Pace
  /** Whether the person has chosen a tab. */
  #chosen = false
  /** The guide as last seen, and the job of one that the person has closed. */
  #guide: Guide | undefined
  #closedGuide: string | undefined

  constructor(parts: ShellParts) {
    this.#parts = parts
    const { commands, history, host, model } = parts
    const shared = {
      store: this.#store,
      history,
      pane: () => this.#shown(),
      apply: (effect: PaneEffect | undefined) => this.#apply(effect),
    }
    this.#runner = new Runner({
      ...shared,
      commands,
      notices: this.#notices,
      quit: () => host.exit(0),
      redraw: () => host.redraw('now'),
    })
    const complete = (line: string) => commands.complete(line)
    this.#line = new LineEditor({ ...shared, complete, runLine: (line) => void this.#runner.runLine(line) })
    // Before anybody is told of changes: the host may not be complete yet.
    this.#firstTab()
    this.#follow()
    this.#store.subscribe(() => host.redraw('soon'))
    this.#pace = new Pace(() => host.redraw('soon'))
    model.subscribe(() => {
      this.#firstTab()
      this.#follow()
      this.#pace.changed()
    })
  }

  state(): ShellState {
    return this.#store.get()
  }

  /** What the screen holds now. */
  frame(): Placed[] {
    const { panes, model, host } = this.#parts
    const pane = this.#shown()
    const attention = panes.map((each) => each.attention()).filter((text) => text !== undefined)
    const runs = model.runs()
    const gpu = runs.state === 'ready' ? gpuFigure(runs.value, model.now()) : undefined
    const tabs = panes.includes(pane) ? panes : [pane]
    const header = { session: model.session, panes: tabs, attention, ...(gpu !== undefined && { gpu }) }
    const guide = this.#guide
    const tab = panes.find(({ id }) => id === guide?.pane)?.tab ?? ''
    const placed = frame({
      shell: this.#store.get(),
      pane,
      header,
      size: host.size(),
      ...(guide && { guide: (width: number) => guideRow(guide, tab, pane.id, model.now(), width) }),
    })
    this.#pace.wakeIn(sooner(pane.wakeAfter?.(), guide?.untilMs === undefined ? undefined : GUIDE_TICK_MS))
    return placed
  }

  /** One key by name (key-name.ts). */
  press(key: string): void {
    if (key !== 'ctrl+c' && this.#runner.hold(() => this.#pressNow(key))) return
    this.#pressNow(key)
    this.#parts.host.redraw('now')
  }

  /**
   * Several characters that arrived at once outside a bracketed paste: a held key on a slow link, or a paste into a terminal without
   * bracketed paste. Keys that only move are run, `:` and `/` open their line with the rest as text; nothing else happens.
   */
  burst(text: string): void {
    if (this.#store.get().line !== undefined) return this.paste(text)
    if (text.startsWith(':') || text.startsWith('/')) {
      this.press(text.charAt(0))
      return this.paste(text.slice(1))
    }
    const keys = Array.from(graphemes(safeText(text)), ({ text: key }) => (key === ' ' ? 'space' : key))
    const { bindings } = this.#shown()
    if (keys.every((key) => bindingFor(key, bindings)?.moves === true)) return keys.forEach((key) => this.press(key))
    this.#notices.info(`Ignored ${keys.length} characters that arrived at once; pasting works on the : and / lines.`)
    this.#parts.host.redraw('now')
  }

  /** Text from a bracketed paste: goes into an open line, nowhere else. */
  paste(text: string): void {
    if (this.#store.get().line === undefined) this.#notices.info('Pasting works on the : and / lines.')
    else this.#line.edit({ type: 'insert', text })
    this.#parts.host.redraw('now')
  }

  #shown(): Pane {
    const { panes, welcome, model } = this.#parts
    const { running, tab } = this.#store.get()
    if (running?.fromWelcome === true || (this.#guide === undefined && isNew(model))) return welcome
    return panes.find((pane) => pane.id === tab) ?? welcome
  }

  /** While there is no tree yet, the rollouts are what there is to see; without any, the runs. */
  #firstTab(): void {
    const { model, panes } = this.#parts
    if (this.#chosen || !isEmpty(model.tasks())) return
    const first = isThere(model.rollouts()) ? 'rollouts' : isThere(model.runs()) ? 'train' : undefined
    if (first !== undefined && this.#store.get().tab !== first && panes.some(({ id }) => id === first))
      this.#store.send({ type: 'tab', tab: first })
  }

  /** Goes where the demonstration is, until the person chooses a tab. */
  #follow(): void {
    const { model, panes } = this.#parts
    const guide = model.guide?.()
    const before = this.#guide
    this.#guide = guide?.job === this.#closedGuide ? undefined : guide
    if (guide === undefined || this.#chosen || guide.state !== 'running' || guide.pane === before?.pane) return
    if (panes.some(({ id }) => id === guide.pane)) this.#store.send({ type: 'tab', tab: guide.pane })
  }

  #paneSize(): Size {
    return paneSize(this.#parts.host.size(), this.#guide !== undefined)
  }

  #pressNow(key: string): void {
    this.#notices.seen()
    const { line, page } = this.#store.get()
    if (line !== undefined) return this.#line.press(line, key)
    if (key === 'ctrl+c') return this.#interrupt()
    const binding = bindingFor(key, this.#shown().bindings)
    if (binding === undefined) return
    // Under a page only what scrolls or leaves it works: a pane that is not seen must not be changed.
    if (page === undefined || worksOverPage(binding)) this.#run(binding.run)
  }

  /** Runs the words of a key: the shell's own, or the pane's. */
  #run(words: string): void {
    const pane = this.#shown()
    const reason = pane.disabledReason(words)
    if (reason !== undefined) return this.#notices.info(`Not now: ${reason}.`)
    const own = this.#actions[words]
    if (own !== undefined) return own()
    if (this.#store.get().page !== undefined) return this.#scrollPage(words)
    this.#apply(pane.run(words, this.#paneSize()))
  }

  readonly #actions: Readonly<Record<string, (() => void) | undefined>> = {
    'tab rollouts': () => this.#tab('rollouts'),
    'tab tree': () => this.#tab('tree'),
    'tab pairs': () => this.#tab('pairs'),
    'tab train': () => this.#tab('train'),
    'tab report': () => this.#tab('report'),
    'tab next': () => this.#turn(1),
    'tab previous': () => this.#turn(-1),
    help: () => this.#store.send({ type: 'page', title: 'Help', text: undefined }),
    line: () => this.#line.openCommand(''),
    filter: () => this.#openFilter(),
    back: () => this.#back(),
    repaint: () => this.#parts.host.repaint(),
    suspend: () => void this.#parts.host.suspend(),
    quit: () => this.#quit(),
  }

  #tab(id: PaneId): void {
    if (this.#shown() === this.#parts.welcome)
      return this.#notices.info('Nothing is here yet: type :import PATH, or start rollouts with :rollout start.')
    this.#chosen = true
    this.#store.send({ type: 'tab', tab: id })
  }

  #turn(by: number): void {
    const { panes } = this.#parts
    const next = panes[(panes.indexOf(this.#shown()) + by + panes.length) % panes.length]
    if (next !== undefined) this.#tab(next.id)
  }

  #openFilter(): void {
    const { filter } = this.#shown()
    if (filter === undefined) this.#notices.info('There is nothing to filter here.')
    else this.#line.openFilter(filter)
  }

  #back(): void {
    if (this.#store.get().page !== undefined) return this.#store.send({ type: 'close-page' })
    if (this.#guide !== undefined && this.#guide.state !== 'running') this.#closeGuide(this.#guide.job)
    this.#apply(this.#shown().run('back', this.#paneSize()))
  }

  #closeGuide(job: string): void {
    this.#closedGuide = job
    this.#guide = undefined
  }

  #quit(): void {
    const { running, notice } = this.#store.get()
    if (running !== undefined && notice?.text !== QUIT_WARNING) return this.#notices.info(QUIT_WARNING)
    this.#runner.stop()
    this.#parts.host.exit(0)
  }

  #interrupt(): void {
    if (this.#runner.stop()) this.#notices.info('Stopping…')
    else this.#parts.host.exit(130)
  }

  #scrollPage(words: string): void {
    const { page } = this.#store.get()
    const size = this.#paneSize()
    if (page === undefined) return
    const offset = scrolledPage(page, this.#shown(), size, jumpStep(words, size.height - 1) ?? 0)
    this.#store.send({ type: 'scroll-page', offset })
  }

  #apply(effect: PaneEffect | undefined): void {
    switch (effect?.type) {
      case undefined:
        return
      case 'command':
        return void this.#runner.runForPane(effect)
      case 'line':
        return this.#line.openAsk(effect)
      case 'prompt':
        return this.#line.openCommand(effect.text)
      case 'copy':
        return this.#report(this.#parts.host.copy(effect.text), `Copied ${effect.what}.`)
      case 'edit':
        return void this.#parts.host.edit(effect.name, effect.text).then((problem) => this.#report(problem, ''))
      case 'message':
        return this.#notices.info(effect.text)
      case 'error':
        return this.#notices.error(effect.text)
      case 'show':
        return this.#reveal(effect)
      case 'attach':
        return void this.#parts.host
          .attach(effect.argv)
          .then((problem) => this.#report(problem, `Back from ${effect.what}.`))
    }
  }

  #reveal({ pane: id, selection }: Extract<PaneEffect, { type: 'show' }>): void {
    const { panes } = this.#parts
    if (selection !== undefined) panes.find((pane) => pane.id === id)?.reveal?.(selection, this.#paneSize())
    this.#tab(id)
  }

  #report(problem: string | undefined, done: string): void {
    if (problem !== undefined) this.#notices.error(problem)
    else if (done !== '') this.#notices.info(done)
  }
}

/** A countdown is seen to move. */
const GUIDE_TICK_MS = 1000

/** The shorter of two waits, where there is one. */
function sooner(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
}

/** Whether there is nothing to see yet. */
function isNew(model: WorkbenchModel): boolean {
  return isEmpty(model.tasks()) && isEmpty(model.rollouts()) && isEmpty(model.runs())
}

function isThere(list: Loadable<readonly unknown[]>): boolean {
  return list.state === 'ready' && list.value.length > 0
}

function isEmpty(list: Loadable<readonly unknown[]>): boolean {
  return list.state === 'ready' && list.value.length === 0
}

const OVER_PAGE = new Set(['back', 'help', 'quit', 'line', 'repaint', 'suspend'])

function worksOverPage(binding: Binding): boolean {
  return binding.run.startsWith('cursor ') || binding.run.startsWith('tab ') || OVER_PAGE.has(binding.run)
}
