import { jumpStep } from '../paint/list-window.ts'
import { fitRow, fitRows, type Row, selectRow } from '../paint/row.ts'
import type { RolloutDetail, RolloutRow, WorkbenchModel } from '../model.ts'
import type { Size } from '../pane.ts'
import { headLines, headRows } from './head-rows.ts'
import { type BlockSource, Scroller, type SeenRow } from './scroller.ts'
import type { DetailView } from './state.ts'
import { patchLines, TextSource, testLines } from './text-source.ts'
import { LiveTranscript } from './transcript.ts'

/** The rollout that is looked at, and how. */
export interface DetailSubject {
  readonly row: RolloutRow
  readonly detail: RolloutDetail
  readonly view: DetailView
  readonly focused: boolean
  /** Milliseconds since the epoch, in whole seconds. */
  readonly nowMs: number
}

interface TextView {
  readonly scroller: Scroller
  of: string | undefined
  width: number
  source: TextSource
}

/** One rollout in detail: its head, and below it the transcript, the patch or the tests. Each keeps its place while the others are looked at. */
export class Detail {
  readonly #model: WorkbenchModel
  #id: number | undefined
  #transcript: LiveTranscript | undefined
  #steps = new Scroller(true)
  #patch: TextView = newTextView()
  #tests: TextView = newTextView()

  constructor(model: WorkbenchModel) {
    this.#model = model
  }

  /** Whether the transcript stays at its end. */
  get following(): boolean {
    return this.#steps.following
  }

  /** Index t of the Step under the cursor; 0 = the prompt; the newest one while the cursor is on what happens now. */
  step(row: RolloutRow): number {
    return this.#id === row.id ? Math.min(this.#steps.block, row.step) : row.step
  }

  rows(subject: DetailSubject, { width, height }: Size): Row[] {
    const { row, detail, view, focused, nowMs } = subject
    const body = bodyHeight(height)
    const { scroller, source } = this.#shown(subject, width)
    const seen = scroller.seen(source, body)
    const head = headRows(
      { row, detail, view, following: this.#steps.following, nowMs, width, focused },
      headLines(height),
    )
    const rows = seen.map((each) => {
      const full: Row = view === 'steps' ? [...this.#gutter(each), ...each.row] : each.row
      return each.isCursor && focused ? selectRow(full, width) : fitRow(full, width)
    })
    return fitRows([...head, ...rows], height)
  }

  /** Does what a key's words say; returns whether they mean something here. */
  run(words: string, subject: DetailSubject, { width, height }: Size): boolean {
    const { scroller, source } = this.#shown(subject, width)
    const body = bodyHeight(height)
    const by = jumpStep(words, body)
    if (by !== undefined) scroller.move(source, by, body)
    else if (words === 'follow') this.#steps.follow()
    else if (subject.view !== 'steps') return false
    else return this.#runSteps(words, source, body)
    return true
  }

  /** Puts Step t ≥ 1 near the top of the transcript. */
  toStep(t: number, subject: DetailSubject, { width, height }: Size): void {
    const { scroller, source } = this.#shown({ ...subject, view: 'steps' }, width)
    scroller.toBlock(source, t, bodyHeight(height))
  }

  #runSteps(words: string, source: BlockSource, height: number): boolean {
    const { block } = this.#steps
    switch (words) {
      case 'open':
      case 'toggle':
        return this.#fold('toggle', source, height)
      case 'unfold':
      case 'fold':
        return this.#fold(words, source, height)
      case 'unfold all':
      case 'fold all':
        this.#transcript?.foldAll(words === 'unfold all')
        this.#steps.toBlock(source, block, height)
        return true
      case 'step next':
      case 'step previous':
        this.#steps.toBlock(source, block + (words === 'step next' ? 1 : -1), height)
        return true
      default:
        return false
    }
  }

  #fold(how: 'fold' | 'unfold' | 'toggle', source: BlockSource, height: number): boolean {
    const { block } = this.#steps
    if (this.#transcript?.fold(block, how) !== true) return false
    this.#steps.toBlock(source, block, height)
    return true
  }

  #gutter({ block, line }: SeenRow): Row {
    return this.#transcript === undefined ? [] : [this.#transcript.gutter(block, line)]
  }

  #shown(subject: DetailSubject, width: number): { readonly scroller: Scroller; readonly source: BlockSource } {
    const { row, detail, view } = subject
    if (row.id !== this.#id) this.#start(subject)
    if (view === 'patch') return follow(this.#patch, detail.patch, width, () => patchLines(detail.patch))
    if (view === 'tests') return follow(this.#tests, verdictKey(detail), width, () => testLines(detail.verdict))
    const transcript = (this.#transcript ??= new LiveTranscript(this.#model, row, detail))
    transcript.follow(row, detail, width)
    return { scroller: this.#steps, source: transcript }
  }

  #start({ row }: DetailSubject): void {
    this.#id = row.id
    this.#transcript = undefined
    this.#steps = new Scroller(true)
    this.#patch = newTextView()
    this.#tests = newTextView()
  }
}

function bodyHeight(height: number): number {
  return Math.max(1, height - headLines(height))
}

function verdictKey({ verdict }: RolloutDetail): string | undefined {
  return verdict && `${verdict.outcome} ${verdict.says} ${verdict.log}`
}

function newTextView(): TextView {
  return { scroller: new Scroller(false), of: undefined, width: 0, source: new TextSource([], 1) }
}

function follow(
  view: TextView,
  of: string | undefined,
  width: number,
  lines: () => ConstructorParameters<typeof TextSource>[0],
): TextView {
  if (view.of !== of || view.width !== width) {
    view.of = of
    view.width = width
    view.source = new TextSource(lines(), width)
  }
  return view
}
