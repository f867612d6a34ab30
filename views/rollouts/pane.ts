import type { RolloutDetail, RolloutRow, WorkbenchModel } from '../model.ts'
import type { Pane, PaneEffect, Size } from '../pane.ts'
import { jumpStep } from '../paint/list-window.ts'
import type { Row } from '../paint/row.ts'
import type { Selection } from '../ports.ts'
import { createStore, type Store } from '../store.ts'
import { availability } from './availability.ts'
import { type CursorPlace, cursorAt, keptCursor, nextRow, samePlace } from './cursor.ts'
import { Detail, type DetailSubject } from './detail.ts'
import { copyEffect, editEffect, type ShownRollout } from './export-texts.ts'
import { wholeSeconds } from './figures.ts'
import { jobLines } from './job-rows.ts'
import { ROLLOUT_BINDINGS } from './keys.ts'
import { Listing } from './listing.ts'
import { Requests } from './requests.ts'
import { type RolloutsContext, type RolloutsLayout, rolloutsLayout, rolloutsPaneRows } from './rows.ts'
import { ROLLOUTS_START, type RolloutsMessage, type RolloutsState, updateRollouts } from './state.ts'
import { type Tally, tallyOf } from './tally.ts'

const SECOND = 1_000

/** The rollouts pane (tab 1): every rollout in one table that stays calm while they run, and one of them in detail. */
export class RolloutsPane implements Pane {
  readonly id = 'rollouts'
  readonly tab = '1'
  readonly title = 'Rollouts'
  readonly bindings = ROLLOUT_BINDINGS
  readonly #model: WorkbenchModel
  readonly #store: Store<RolloutsState, RolloutsMessage> = createStore(ROLLOUTS_START, updateRollouts)
  readonly #listing = new Listing()
  readonly #detail: Detail
  readonly #requests = new Requests()
  #size: Size = { width: 80, height: 22 }
  /** Lines kept for the jobs, and for which height: a job that ends must not move the rows. */
  #jobLines = { height: 0, lines: 0 }
  #tally: { readonly of: readonly RolloutRow[]; readonly tally: Tally } = { of: [], tally: tallyOf([]) }
  /** What the model said of the rollout that is looked at, until something changes. */
  #known: { readonly id: number; readonly detail: RolloutDetail } | undefined

  constructor(model: WorkbenchModel) {
    this.#model = model
    this.#detail = new Detail(model)
    model.subscribe(() => {
      this.#known = undefined
    })
  }

  rows(size: Size): readonly Row[] {
    this.#size = size
    return rolloutsPaneRows(this.#context(), size)
  }

  run(words: string, size: Size): PaneEffect | undefined {
    this.#size = size
    // Keys may come faster than frames: what they mean must not wait for one.
    const { row } = this.#context()
    const own = this.#actions[words]
    if (own !== undefined || row === undefined) {
      this.#requests.forget()
      return own === undefined ? this.#move(words) : (own() ?? undefined)
    }
    const request = this.#requests.run(words, row, this.#detailOf(row), this.#model.now())
    return request ?? this.#move(words)
  }

  disabledReason(words: string): string | undefined {
    const { row, rollouts } = this.#context()
    if (rollouts.state !== 'ready') return OWN_WORDS.has(words) ? 'the rollouts are not there yet' : undefined
    return availability(words, {
      row,
      onGroup: row === undefined && rollouts.value.length > 0,
      focus: this.#state.focus,
      view: this.#state.view,
      following: this.#detail.following,
      detail: () => (row === undefined ? NO_DETAIL : this.#detailOf(row)),
      tasks: this.#model.tasks(),
    })
  }

  get filter(): Pane['filter'] {
    if (this.#layout().list.height === 0) return undefined
    return { get: () => this.#state.filter, set: (text) => this.#store.send({ type: 'filter', text }) }
  }

  /** Opens the rollout asked for by its id or Trajectory, at a Step where one is named. */
  reveal({ rollout, trajectory, step }: Selection, size: Size): void {
    this.#size = size
    this.#store.send({ type: 'focus', on: 'list' })
    this.#store.send({ type: 'filter', text: '' })
    const rollouts = this.#model.rollouts()
    const found =
      rollouts.state === 'ready'
        ? rollouts.value.find((row) => (rollout === undefined ? row.trajectory === trajectory : row.id === rollout))
        : undefined
    if (found === undefined) return
    this.#store.send({ type: 'fold', task: found.task, folded: false })
    this.#context()
    this.#toLine(this.#listing.lineOf(found.id))
    this.#focusDetail()
    if (this.#state.view !== 'steps') this.#store.send({ type: 'view', view: this.#state.view })
    const { row, nowMs } = this.#context()
    if (row === undefined || step === undefined) return
    const subject = { row, detail: this.#detailOf(row), view: 'steps', focused: true, nowMs } as const
    this.#detail.toStep(step, subject, this.#detailSize())
  }

  selection(): Selection {
    const { row } = this.#context()
    const { selected } = this.#state
    if (row === undefined) return selected !== undefined && 'task' in selected ? { task: selected.task } : {}
    return { task: row.task, ...(row.trajectory !== undefined && { trajectory: row.trajectory }) }
  }

  wakeAfter(): number | undefined {
    const rollouts = this.#model.rollouts()
    if (rollouts.state !== 'ready' || this.#tallyOf(rollouts.value).active === 0) return undefined
    return SECOND - (this.#model.now() % SECOND)
  }

  attention(): string | undefined {
    const rollouts = this.#model.rollouts()
    if (rollouts.state !== 'ready') return undefined
    const { running, stuck } = this.#tallyOf(rollouts.value)
    const lost = this.#model.jobs().filter(({ state }) => state === 'lost')
    const facts = [
      running === 0 ? '' : `${running} running`,
      stuck === 0 ? '' : `${stuck} stuck`,
      lost.length === 0 ? '' : lost.length === 1 ? `job ${lost[0]?.id ?? ''} lost` : `${lost.length} jobs lost`,
    ].filter((fact) => fact !== '')
    return facts.length === 0 ? undefined : facts.join(' · ')
  }

  get #state(): RolloutsState {
    return this.#store.get()
  }

  readonly #actions: Readonly<Record<string, (() => PaneEffect | void) | undefined>> = {
    open: () => this.#open(),
    unfold: () => (this.#state.focus === 'detail' ? void this.#inDetail('unfold') : this.#unfold()),
    fold: () => this.#fold(),
    toggle: () => (this.#state.focus === 'detail' ? void this.#inDetail('toggle') : this.#toggleGroup()),
    patch: () => this.#view('patch'),
    tests: () => this.#view('tests'),
    'rollout next': () => this.#toRow(1),
    'rollout previous': () => this.#toRow(-1),
    sort: () => this.#store.send({ type: 'sort' }),
    'sort again': () => this.#store.send({ type: 'sort-again' }),
    group: () => this.#store.send({ type: 'group' }),
    'zoom in': () => this.#store.send({ type: 'zoom', zoomed: true }),
    'zoom out': () => this.#store.send({ type: 'zoom', zoomed: false }),
    tree: () => this.#toTree(),
    copy: () => this.#withShown((shown) => copyEffect(this.#model, shown)),
    edit: () => this.#withShown((shown) => editEffect(this.#model, shown)),
    back: () => this.#back(),
  }

  /** Where only the list has room, the view asked for takes its place. */
  #view(view: 'patch' | 'tests'): void {
    this.#store.send({ type: 'view', view })
    if (rolloutsLayout(this.#state, 0, this.#size).detail.height === 0)
      this.#store.send({ type: 'focus', on: 'detail' })
  }

  /** What is drawn; on the way, list and cursor follow what the model now holds. */
  #context(): RolloutsContext {
    const rollouts = this.#model.rollouts()
    const rows = rollouts.state === 'ready' ? rollouts.value : []
    const { sort, sortedAgain, filter, grouped, folded, selected } = this.#state
    const id = selected !== undefined && 'id' in selected ? selected.id : undefined
    this.#listing.follow(rows, { sort, sortedAgain, filter, grouped, folded, selected: id })
    // While the rollouts are read anew the cursor keeps its place.
    if (rollouts.state === 'ready') this.#place(keptCursor(this.#state, this.#listing, this.#listHeight()))
    const row = this.#listing.rowAt(this.#state.window.cursor)
    if (row === undefined && this.#state.focus === 'detail') this.#store.send({ type: 'focus', on: 'list' })
    return {
      state: this.#state,
      rollouts,
      listing: this.#listing,
      tally: this.#tallyOf(rows),
      jobs: this.#model.jobs(),
      jobLines: this.#keptJobLines(),
      row,
      details: (each) => this.#detailOf(each),
      detail: this.#detail,
      nowMs: wholeSeconds(this.#model.now()),
    }
  }

  #tallyOf(rows: readonly RolloutRow[]): Tally {
    if (rows !== this.#tally.of) this.#tally = { of: rows, tally: tallyOf(rows) }
    return this.#tally.tally
  }

  #detailOf({ id }: RolloutRow): RolloutDetail {
    if (this.#known?.id !== id) this.#known = { id, detail: this.#model.rollout(id) }
    return this.#known.detail
  }

  #keptJobLines(): number {
    const { height } = this.#size
    const kept = this.#jobLines.height === height ? this.#jobLines.lines : 0
    this.#jobLines = { height, lines: Math.max(kept, jobLines(this.#model.jobs(), height)) }
    return this.#jobLines.lines
  }

  #layout(): RolloutsLayout {
    return rolloutsLayout(this.#state, this.#keptJobLines(), this.#size)
  }

  /** Lines of the list, its title not counted; as if it were shown while it is not. */
  #listHeight(): number {
    const { focus, zoomed } = this.#state
    const state = { focus: 'list' as const, zoomed: zoomed && focus === 'list' }
    return Math.max(1, rolloutsLayout(state, this.#keptJobLines(), this.#size).list.height - 1)
  }

  #place(place: CursorPlace): void {
    if (!samePlace(place, this.#state)) this.#store.send({ type: 'place', ...place })
  }

  #toLine(line: number): void {
    this.#place(cursorAt(line, this.#state.window, this.#listing, this.#listHeight()))
  }

  #toRow(way: 1 | -1): void {
    this.#toLine(nextRow(this.#listing, this.#state.window.cursor, way))
  }

  #move(words: string): undefined {
    if (this.#state.focus === 'detail' || !MOVES.test(words)) return void this.#inDetail(words)
    const step = jumpStep(words, this.#listHeight())
    if (step !== undefined) this.#toLine(this.#state.window.cursor + step)
  }

  /** Gives words to the detail; returns whether it did something. */
  #inDetail(words: string): boolean {
    const { row, nowMs } = this.#context()
    if (row === undefined) return false
    const { view, focus } = this.#state
    const subject: DetailSubject = { row, detail: this.#detailOf(row), view, focused: focus === 'detail', nowMs }
    return this.#detail.run(words, subject, this.#detailSize())
  }

  #detailSize(): Size {
    const { detail } = this.#layout()
    return detail.height === 0 ? this.#size : detail
  }

  #open(): void {
    if (this.#state.focus === 'detail') this.#inDetail('open')
    else if (this.#listing.groupAt(this.#state.window.cursor) === undefined) this.#focusDetail()
    else this.#toggleGroup()
  }

  #unfold(): void {
    const group = this.#listing.groupAt(this.#state.window.cursor)
    if (group === undefined) this.#focusDetail()
    else this.#store.send({ type: 'fold', task: group.task, folded: false })
  }

  /** Folds what is open, else goes one out: from a step to the list, from a rollout to its task. */
  #fold(): void {
    const { focus, grouped, window, view } = this.#state
    if (focus === 'detail') {
      if (view !== 'steps' || !this.#inDetail('fold')) this.#store.send({ type: 'focus', on: 'list' })
      return
    }
    const task = this.#listing.groupAt(window.cursor)?.task ?? this.#listing.rowAt(window.cursor)?.task
    if (!grouped || task === undefined) return
    this.#store.send({ type: 'fold', task, folded: true })
    this.#context()
    this.#toLine(this.#listing.lineOfGroup(task))
  }

  #toggleGroup(): void {
    const group = this.#listing.groupAt(this.#state.window.cursor)
    if (group === undefined) return
    this.#store.send({ type: 'fold', task: group.task, folded: !this.#state.folded.has(group.task) })
  }

  #focusDetail(): void {
    if (this.#listing.rowAt(this.#state.window.cursor) !== undefined) this.#store.send({ type: 'focus', on: 'detail' })
  }

  #toTree(): PaneEffect | undefined {
    const { row } = this.#context()
    return row && { type: 'show', pane: 'tree', selection: { task: row.task } }
  }

  #withShown(act: (shown: ShownRollout) => PaneEffect): PaneEffect | undefined {
    const { row } = this.#context()
    if (row === undefined) return undefined
    return act({ row, detail: this.#detailOf(row), view: this.#state.view, t: this.#detail.step(row) })
  }

  /** Esc: the innermost thing that is open, one per key. */
  #back(): void {
    const { focus, view, zoomed, filter } = this.#state
    if (focus === 'detail' && view !== 'steps') this.#store.send({ type: 'view', view })
    else if (zoomed) this.#store.send({ type: 'zoom', zoomed: false })
    else if (focus === 'detail') this.#store.send({ type: 'focus', on: 'list' })
    else if (filter !== '') this.#store.send({ type: 'filter', text: '' })
  }
}

const NO_DETAIL: RolloutDetail = { live: '', liveKind: '', nudges: [] }
const MOVES = /^cursor /
const OWN_WORDS = new Set(ROLLOUT_BINDINGS.map((row) => row.run))
