import { actionLabel, callText } from '../../src/tree/action-key.ts'
import type { PairView, WorkbenchModel } from '../model.ts'
import { jumpStep } from '../paint/list-window.ts'
import { rowText } from '../paint/row.ts'
import type { Pane, PaneEffect, Size } from '../pane.ts'
import { createStore } from '../store.ts'
import { cardText } from './card-text.ts'
import { PAIRS_BINDINGS } from './keys.ts'
import { createMaterials } from './material.ts'
import { type CardContext, inColumns, pairsRows, scrolledPart, scrollLimit } from './rows.ts'
import { currentView, PAIRS_START, type PairsState, position, type Verdict, viewAt } from './state.ts'
import { type PairsMessage, update } from './update.ts'
import { createVerdicts } from './verdicts.ts'

/** What the pairs pane is made of. */
export interface PairsPaneParts {
  readonly model: WorkbenchModel
  /** Name under which verdicts given here are stored. */
  readonly reviewer: string
  /** Runs a task when nothing else is to do and returns the way to call it off; by default the event loop's next turn. */
  readonly later?: (task: () => void) => () => void
}

/** The review queue: Pairs one by one, each verdict on disk before the next one is drawn. */
export function createPairsPane({
  model,
  reviewer,
  later = nextTurn,
}: PairsPaneParts): Pane & { readonly state: () => PairsState } {
  const store = createStore(PAIRS_START, update)
  const verdicts = createVerdicts({ store, reviewer, pairs: freshPairs })
  const materials = createMaterials(model, { key: callText, label: actionLabel }, later)
  let listed: readonly PairView[] | undefined
  let shownAt: string | undefined
  let unseen = true

  const context = (): CardContext => ({
    material: (view) => materials.of(view),
    reviewer,
    threshold: model.settings().threshold,
  })

  function relist(): void {
    const pairs = model.pairs()
    if (pairs.state === 'error') {
      listed = undefined
      return store.send({ type: 'failed', text: pairs.message })
    }
    if (pairs.state === 'loading' || pairs.value === listed) return
    listed = pairs.value
    // A queue nobody has seen yet has no place to keep: it opens at the first pending pair of what is there now.
    store.send({ type: 'pairs', pairs: pairs.value, unseen })
  }

  /** The list after a write: the model's own, or the last one while the model is busy reading. */
  function freshPairs(): readonly PairView[] {
    const pairs = model.pairs()
    if (pairs.state === 'ready') listed = pairs.value
    return pairs.state === 'ready' ? pairs.value : store.get().pairs
  }

  function scroll(by: number, size: Size): void {
    const state = store.get()
    const part = scrolledPart(state, size.width)
    store.send({ type: 'scroll', part, by, limit: scrollLimit(state, context(), size, part) })
  }

  /** Esc: the innermost thing that is open, one per key. */
  function back(state: PairsState): void {
    if (state.bulk !== undefined) store.send({ type: 'bulk', bulk: undefined })
    else if (state.zoomed) store.send({ type: 'zoom', zoomed: false })
    else if (state.details) store.send({ type: 'details' })
    else if (state.prefix !== 'folded') store.send({ type: 'fold' })
    else if (state.filter.text !== '') store.send({ type: 'filter', text: '' })
    else if (state.filter.pendingOnly) store.send({ type: 'pending-only' })
  }

  function run(words: string, size: Size): PaneEffect | undefined {
    unseen = false
    const state = store.get()
    const verdict = VERDICTS.get(words)
    if (verdict !== undefined) return verdicts.give(verdict)
    if (words === 'unfold' && state.bulk !== undefined) return verdicts.confirmBulk()
    const message = viewMessage(words, state, size)
    const by = jumpStep(words, Math.floor(size.height / 2))
    if (message !== undefined) store.send(message)
    else if (by !== undefined) scroll(by, size)
    else if (words === 'back') back(state)
    return EFFECTS[words]?.(state)
  }

  const EFFECTS: Readonly<Record<string, ((state: PairsState) => PaneEffect | undefined) | undefined>> = {
    'bulk accept': () => verdicts.askBulk('accept'),
    'bulk reject': () => verdicts.askBulk('reject'),
    copy,
    edit,
  }

  function copy(state: PairsState): PaneEffect | undefined {
    const view = currentView(state)
    if (view === undefined) return undefined
    const side = state.part === 'rejected' ? 'rejected' : 'chosen'
    const text = materials.of(view).comparison[side].map(rowText).join('\n')
    return { type: 'copy', text, what: `the ${side} action` }
  }

  function edit(state: PairsState): PaneEffect | undefined {
    const view = currentView(state)
    return view && { type: 'edit', name: `${view.pair.id}.md`, text: cardText(view, materials.of(view)) }
  }

  /** Reads the Pairs a key can lead to, once per Pair shown. */
  function readAhead(state: PairsState): void {
    unseen = false
    if (state.current === shownAt) return
    shownAt = state.current
    const at = position(state)
    materials.prefetch([1, 2, -1, 3].map((by) => viewAt(state, at + by)))
  }

  model.subscribe(relist)
  relist()

  return {
    id: 'pairs',
    tab: '3',
    title: 'Pairs',
    bindings: PAIRS_BINDINGS,
    state: () => store.get(),
    rows: (size) => {
      const rows = pairsRows(store.get(), context(), size)
      readAhead(store.get())
      return rows
    },
    run,
    disabledReason: (words) => disabledReason(store.get(), words),
    filter: {
      get: () => store.get().filter.text,
      set: (text) => store.send({ type: 'filter', text }),
    },
    selection: () => {
      const view = currentView(store.get())
      return view === undefined ? {} : { pair: view.pair.id, task: view.pair.task }
    },
    // A filter does not hide what was asked for: the Pair stays in the queue while it is on screen.
    reveal: ({ pair }) => {
      if (pair === undefined) return
      unseen = false
      relist()
      store.send({ type: 'go', id: pair })
    },
    attention: () => attention(store.get()),
  }
}

const VERDICTS = new Map<string, Verdict>([
  ['pair accept', 'accept'],
  ['pair reject', 'reject'],
  ['pair skip', 'skip'],
  ['pair swap', 'swap'],
  ['pair flag', 'flag'],
  ['pair note', 'note'],
  ['pair undo', 'undo'],
])

/** Words that change only what is seen. */
function viewMessage(words: string, state: PairsState, { width }: Size): PairsMessage | undefined {
  switch (words) {
    case 'pair next':
      return { type: 'move', by: 1 }
    case 'pair previous':
      // Under "all reviewed" lies the last Pair: the first step back only uncovers it.
      return { type: 'move', by: state.finished ? 0 : -1 }
    case 'unfold':
      return { type: 'prefix' }
    case 'details':
    case 'layout':
    case 'sort':
      return { type: words }
    case 'pending':
      return { type: 'pending-only' }
    case 'part':
      return { type: 'part', columns: inColumns(state, width) }
    case 'zoom in':
    case 'zoom out':
      return { type: 'zoom', zoomed: words === 'zoom in' }
    default:
      return undefined
  }
}

const NEEDS_PAIR = /^(?:pair (?:accept|reject|swap|skip|flag|note)|details|unfold|copy|edit)$/

function disabledReason(state: PairsState, words: string): string | undefined {
  if (words === 'unfold' && state.bulk !== undefined) return undefined
  if (!NEEDS_PAIR.test(words)) return undefined
  if (state.current === undefined) return 'there is no pair here'
  return state.finished ? 'everything here is reviewed; [ goes back to the last pair' : undefined
}

function attention({ pairs }: PairsState): string | undefined {
  const pending = pairs.reduce((sum, { review }) => sum + (review.status === 'pending' ? 1 : 0), 0)
  return pending === 0 ? undefined : `${pending} ${pending === 1 ? 'pair' : 'pairs'} to review`
}

function nextTurn(task: () => void): () => void {
  const timer = setImmediate(task)
  return () => clearImmediate(timer)
}
