import { quoteWord } from '../../commands/words.ts'
import { MERGE_MODES } from '../../src/domain/merge-mode.ts'
import type { Loadable, TaskSummary, TreeView, WorkbenchModel } from '../model.ts'
import type { Pane, PaneEffect, Size } from '../pane.ts'
import { clamp, jumpStep, placeCursor } from '../paint/list-window.ts'
import type { Row } from '../paint/row.ts'
import type { Selection } from '../ports.ts'
import { createStore, type Store } from '../store.ts'
import { stepOf } from './detail-rows.ts'
import { TREE_BINDINGS } from './keys.ts'
import { nextCritical, nextSibling } from './landmarks.ts'
import { Lists } from './lists.ts'
import type { NodeList } from './node-list.ts'
import { editTranscript, Overlay, type Subject } from './overlay.ts'
import { foldedOrUp, type Placing, toggled, unfolded } from './placing.ts'
import { listHeights, type TreeContext, treeLayout, treePaneRows } from './rows.ts'
import { TREE_START, type TreeMessage, type TreeState, updateTree } from './state.ts'
import { listedTasks } from './task-rows.ts'
import { stepText } from './transcript-entries.ts'

/** What one press of `[` or `]` moves the threshold by. */
const THRESHOLD_STEP = 0.05

type Action = () => PaneEffect | void

/** The tree pane (tab 2): tasks, the Tree of one of them, a Node in detail; over it transcripts, and why runs were merged. */
export class TreePane implements Pane {
  readonly id = 'tree'
  readonly tab = '2'
  readonly title = 'Tree'
  readonly bindings = TREE_BINDINGS
  readonly #model: WorkbenchModel
  readonly #store: Store<TreeState, TreeMessage> = createStore(TREE_START, updateTree)
  readonly #lists = new Lists()
  readonly #overlay: Overlay
  #size: Size = { width: 80, height: 22 }

  constructor(model: WorkbenchModel) {
    this.#model = model
    this.#overlay = new Overlay(model)
  }

  rows(size: Size): readonly Row[] {
    this.#size = size
    return this.#overlay.isOpen ? this.#overlay.rows(size) : treePaneRows(this.#context(), size)
  }

  run(words: string, size: Size): PaneEffect | undefined {
    this.#size = size
    if (this.#overlay.isOpen) {
      if (words !== 'back') return this.#overlay.run(words, size)
      this.#overlay.back(size)
      return undefined
    }
    // Keys may come faster than frames: what they mean must not wait for one.
    this.#context()
    const step = jumpStep(words, this.#heights()[this.#state.focus])
    if (step === undefined) return this.#actions[words]?.() ?? undefined
    if (this.#state.focus === 'tasks') this.#onTask((line) => line + step)
    else this.#onNode((_, __, line) => line + step)
    return undefined
  }

  disabledReason(words: string): string | undefined {
    if (this.#overlay.isOpen)
      return this.#overlay.knows(words) || !OWN_WORDS.has(words) ? undefined : 'Esc goes back to the tree first'
    if (this.#state.focus === 'tasks') return TREE_ONLY.has(words) ? 'open a tree first (Enter)' : undefined
    return undefined
  }

  readonly filter = {
    get: (): string => {
      if (this.#overlay.isOpen) return this.#overlay.query
      return this.#state.focus === 'tasks' ? this.#state.taskFilter : this.#state.nodeFilter
    },
    set: (text: string): void => {
      if (this.#overlay.isOpen) this.#overlay.search(text, this.#size)
      else this.#store.send({ type: 'filter', text })
    },
  }

  selection(): Selection {
    const { task, focus } = this.#context().state
    if (task === undefined) return {}
    const subject = focus === 'tree' ? this.#subject() : undefined
    if (subject === undefined) return { task }
    const { tree } = subject.view
    return { task, node: subject.node, trajectory: tree.trajectories[tree.member[subject.node] ?? 0] ?? 0 }
  }

  /** Opens the Tree of a task. */
  reveal({ task }: Selection): void {
    this.#overlay.close()
    this.#store.send({ type: 'focus', on: 'tasks' })
    this.#store.send({ type: 'filter', text: '' })
    const listed = this.#listed()
    const at = listed.state === 'ready' ? listed.value.findIndex((each) => each.task === task) : -1
    if (at < 0) return
    this.#onTask(() => at)
    this.#focus('tree')
  }

  attention(): string | undefined {
    return undefined
  }

  get #state(): TreeState {
    return this.#store.get()
  }

  readonly #actions: Readonly<Record<string, Action | undefined>> = {
    open: () => (this.#state.focus === 'tasks' ? this.#focus('tree') : this.#openTranscript()),
    transcript: () => this.#openTranscript(),
    why: () => this.#withSubject((subject) => this.#overlay.openWhy(subject)),
    'critical next': () => this.#toCritical(1),
    'critical previous': () => this.#toCritical(-1),
    unfold: () => (this.#state.focus === 'tasks' ? this.#focus('tree') : this.#onNode(unfolded)),
    fold: () => this.#fold(),
    toggle: () => this.#onNode(toggled),
    'unfold all': () =>
      this.#onNode((list, node) => {
        list.unfoldAll()
        return list.lineOf(node)
      }),
    'fold tails': () =>
      this.#onNode((list, node) => {
        list.foldTails()
        return list.lineOf(node)
      }),
    'sibling next': () => this.#onNode((list, node) => list.lineOf(nextSibling(list.order, node, 1))),
    'sibling previous': () => this.#onNode((list, node) => list.lineOf(nextSibling(list.order, node, -1))),
    sort: () => this.#store.send({ type: 'sort' }),
    'threshold up': () => this.#moveThreshold(THRESHOLD_STEP),
    'threshold down': () => this.#moveThreshold(-THRESHOLD_STEP),
    inclusive: () => this.#model.set({ inclusive: !this.#model.settings().inclusive }),
    mode: () => this.#nextMode(),
    'zoom in': () => this.#store.send({ type: 'zoom', zoomed: true }),
    'zoom out': () => this.#store.send({ type: 'zoom', zoomed: false }),
    pairs: () => ({ type: 'show', pane: 'pairs' }),
    expand: () => this.#withSubject(expandLine),
    copy: () => this.#copy(),
    edit: () => this.#withSubject(({ view, node }) => editTranscript(this.#model, view, view.tree.member[node] ?? 0)),
    back: () => this.#back(),
  }

  /** What is drawn; on the way, the chosen Task and the cursor follow what the model now holds. */
  #context(): TreeContext {
    const tasks = this.#listed()
    if (tasks.state === 'ready') this.#followTasks(tasks.value)
    const { task } = this.#state
    const view = task === undefined ? ({ state: 'loading' } as const) : this.#model.tree(task)
    const list = view.state === 'ready' ? this.#followTree(view.value) : undefined
    return { state: this.#state, tasks, view, list, model: this.#model }
  }

  #listed(): Loadable<readonly TaskSummary[]> {
    const tasks = this.#model.tasks()
    if (tasks.state !== 'ready') return tasks
    return { ...tasks, value: listedTasks(tasks.value, this.#state.taskFilter, this.#state.taskSort) }
  }

  #followTasks(listed: readonly TaskSummary[]): void {
    const { task, tasks, focus } = this.#state
    const at = listed.findIndex((each) => each.task === task)
    const cursor = at >= 0 ? at : clamp(tasks.cursor, 0, listed.length - 1)
    // A filter that hides the open Tree's task does not close the Tree.
    const chosen = focus === 'tree' && task !== undefined ? task : listed[cursor]?.task
    this.#placeTask(chosen, cursor, listed.length)
  }

  #placeTask(task: string | undefined, cursor: number, count: number): void {
    const before = this.#state
    const tasks = placeCursor(before.tasks, cursor, count, this.#heights().tasks)
    if (task === before.task && tasks.cursor === before.tasks.cursor && tasks.first === before.tasks.first) return
    this.#store.send({ type: 'task', task, tasks })
  }

  #followTree(view: TreeView): NodeList {
    const { nodes, sort, nodeFilter } = this.#state
    const { list, cursor } = this.#lists.follow(view, { sort, filter: nodeFilter, cursor: nodes.cursor })
    this.#placeNode(list, cursor)
    return list
  }

  #placeNode(list: NodeList, cursor: number): void {
    const { nodes } = this.#state
    const placed = placeCursor(nodes, cursor, list.count, this.#heights().tree)
    if (placed.cursor !== nodes.cursor || placed.first !== nodes.first)
      this.#store.send({ type: 'nodes', nodes: placed })
  }

  #heights(): { readonly tasks: number; readonly tree: number } {
    return listHeights(treeLayout(this.#state, this.#size), this.#size)
  }

  #open(): { readonly view: TreeView; readonly list: NodeList } | undefined {
    const { view, list } = this.#context()
    return view.state === 'ready' && list !== undefined ? { view: view.value, list } : undefined
  }

  /** The Node under the cursor. */
  #subject(): Subject | undefined {
    const open = this.#open()
    return open === undefined ? undefined : { view: open.view, node: open.list.at(this.#state.nodes.cursor) }
  }

  #withSubject(act: (subject: Subject) => PaneEffect | undefined): PaneEffect | undefined {
    const subject = this.#subject()
    return subject === undefined ? undefined : act(subject)
  }

  #onTask(place: (line: number) => number): void {
    const listed = this.#listed()
    if (listed.state !== 'ready') return
    const line = clamp(place(this.#state.tasks.cursor), 0, listed.value.length - 1)
    this.#placeTask(listed.value[line]?.task, line, listed.value.length)
  }

  /** Puts the cursor on the line that `place` answers, when there is a Tree. */
  #onNode(place: Placing): void {
    const open = this.#open()
    if (open === undefined) return
    const { cursor } = this.#state.nodes
    this.#placeNode(open.list, place(open.list, open.list.at(cursor), cursor))
  }

  #focus(on: 'tasks' | 'tree'): void {
    this.#store.send({ type: 'focus', on })
  }

  #fold(): void {
    if (this.#state.focus === 'tree' && this.#state.nodes.cursor === 0) this.#focus('tasks')
    else if (this.#state.focus === 'tree') this.#onNode(foldedOrUp)
  }

  #toCritical(way: 1 | -1): PaneEffect | undefined {
    const open = this.#open()
    if (open === undefined) return undefined
    const { list, view } = open
    const found = nextCritical(view.criticalNodes, list.order.rank, list.at(this.#state.nodes.cursor), way)
    if (found === undefined)
      return { type: 'message', text: 'This tree has no critical node at this threshold; [ lowers it.' }
    list.reveal(found.node)
    this.#placeNode(list, list.lineOf(found.node))
    return found.wrapped
      ? { type: 'message', text: 'Round the end: there is no further critical node in this tree.' }
      : undefined
  }

  #moveThreshold(by: number): void {
    const { threshold } = this.#model.settings()
    this.#model.set({ threshold: clamp(Math.round((threshold + by) * 100) / 100, 0, 1) })
  }

  #nextMode(): PaneEffect {
    const { mode } = this.#model.settings()
    const next = MERGE_MODES[(MERGE_MODES.indexOf(mode) + 1) % MERGE_MODES.length] ?? mode
    this.#model.set({ mode: next })
    return { type: 'message', text: `Merging by ${next}.` }
  }

  #openTranscript(): PaneEffect | undefined {
    return this.#withSubject((subject) => this.#overlay.openTranscript(subject, 0, this.#size))
  }

  #copy(): PaneEffect | undefined {
    const { task, focus } = this.#state
    if (focus === 'tasks')
      return task === undefined ? undefined : { type: 'copy', text: task, what: 'the name of the task' }
    return this.#withSubject((subject) => {
      const step = stepOf({ ...subject, model: this.#model })
      if (step === undefined) return undefined
      return { type: 'copy', text: stepText(step, subject.view.tree.step[subject.node] ?? 0), what: 'the step' }
    })
  }

  #back(): void {
    if (this.filter.get() !== '') this.filter.set('')
    else if (this.#state.zoomed) this.#store.send({ type: 'zoom', zoomed: false })
    else this.#focus('tasks')
  }
}

/** Asks for more rollouts from a Node; the person may change the line before it runs. */
function expandLine({ view, node }: Subject): PaneEffect {
  return { type: 'prompt', text: `rollout expand ${quoteWord(`${view.task}#${node}`)} --runs 4` }
}

/** Words that need a Node under the cursor. */
const TREE_ONLY = new Set([
  'transcript',
  'why',
  'expand',
  'critical next',
  'critical previous',
  'toggle',
  'unfold all',
  'fold tails',
  'sibling next',
  'sibling previous',
  'edit',
])
const OWN_WORDS = new Set(TREE_BINDINGS.map((row) => row.run))
