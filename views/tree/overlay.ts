import type { TreeView, WorkbenchModel } from '../model.ts'
import type { PaneEffect, Size } from '../pane.ts'
import type { Row } from '../paint/row.ts'
import { Transcript } from './transcript.ts'
import { transcriptEntries, transcriptText } from './transcript-entries.ts'
import { WhyMerged } from './why-merged.ts'

/** A Node of a Tree that something is told about. */
export interface Subject {
  readonly view: TreeView
  readonly node: number
}

type Shown =
  | { readonly type: 'transcript'; readonly subject: Subject; readonly member: number; readonly transcript: Transcript }
  | { readonly type: 'why'; readonly subject: Subject; readonly why: WhyMerged }

/** Keys' words that mean something over the Tree. */
const WORDS = new Set([
  'open',
  'toggle',
  'unfold',
  'fold',
  'unfold all',
  'fold tails',
  'critical next',
  'critical previous',
  'sibling next',
  'sibling previous',
  'copy',
  'edit',
])

/** What lies over the Tree: the transcript of a run through a Node, or the comparison of the runs merged there. */
export class Overlay {
  readonly #model: WorkbenchModel
  #shown: Shown | undefined

  constructor(model: WorkbenchModel) {
    this.#model = model
  }

  get isOpen(): boolean {
    return this.#shown !== undefined
  }

  /** What is searched for in the transcript. */
  get query(): string {
    return this.#shown?.type === 'transcript' ? this.#shown.transcript.query : ''
  }

  /** Whether a key's words mean something here. */
  knows(words: string): boolean {
    return WORDS.has(words) || words.startsWith('cursor ')
  }

  /** Opens the transcript of the Node's `member`th run at the Node's Step. */
  openTranscript(subject: Subject, member: number, size: Size): PaneEffect | undefined {
    const members = subject.view.members(subject.node)
    const position = members[member]
    if (position === undefined) {
      return {
        type: 'message',
        text: members.length === 0 ? 'No run went through this node.' : 'That was the last run through this node.',
      }
    }
    const { id, outcome, run, end } = subject.view.trajectory(position)
    const which = members.length > 1 ? ` (${member + 1} of ${members.length} here: J K)` : ''
    const title = [`#${id}${which}`, outcome, end, run].filter((fact) => fact !== undefined).join(' · ')
    const t = subject.view.tree.step[subject.node] ?? 0
    const transcript = new Transcript(title, transcriptEntries(this.#model, id), t, size)
    this.#shown = { type: 'transcript', subject, member, transcript }
    return undefined
  }

  openWhy(subject: Subject): PaneEffect | undefined {
    if (subject.node === 0) return { type: 'message', text: 'All runs of the task start here; nothing was merged yet.' }
    this.#shown = { type: 'why', subject, why: new WhyMerged(subject.view, subject.node, this.#model) }
    return undefined
  }

  rows(size: Size): readonly Row[] {
    if (this.#shown === undefined) return []
    return this.#shown.type === 'why' ? this.#shown.why.rows(size) : this.#shown.transcript.rows(size)
  }

  run(words: string, size: Size): PaneEffect | undefined {
    const shown = this.#shown
    if (shown === undefined) return undefined
    if (words === 'edit') return this.#edit(shown)
    if (shown.type === 'why') {
      shown.why.run(words, size)
      return words === 'copy' ? { type: 'copy', text: shown.why.text(), what: 'the comparison' } : undefined
    }
    switch (words) {
      case 'critical next':
      case 'critical previous':
        return this.#jump(shown.transcript, words === 'critical next' ? 1 : -1, size)
      case 'sibling next':
        return this.openTranscript(shown.subject, shown.member + 1, size)
      case 'sibling previous':
        return this.openTranscript(shown.subject, Math.max(0, shown.member - 1), size)
      case 'copy':
        return { type: 'copy', text: shown.transcript.messageText(), what: 'the message' }
      default:
        shown.transcript.run(words, size)
        return undefined
    }
  }

  /** Searches the transcript while the person types. */
  search(text: string, size: Size): void {
    if (this.#shown?.type === 'transcript') this.#shown.transcript.search(text, size)
  }

  close(): void {
    this.#shown = undefined
  }

  /** Esc: first ends a search, then goes back to the Tree. */
  back(size: Size): void {
    if (this.query === '') this.#shown = undefined
    else this.search('', size)
  }

  #jump(transcript: Transcript, way: 1 | -1, size: Size): PaneEffect | undefined {
    if (transcript.jump(way, size)) return undefined
    return {
      type: 'message',
      text:
        transcript.query === ''
          ? '/ searches; n and N go through what it finds.'
          : `Nothing holds ${transcript.query}.`,
    }
  }

  #edit(shown: Shown): PaneEffect | undefined {
    const { view, node } = shown.subject
    const position = view.members(node)[shown.type === 'transcript' ? shown.member : 0]
    return position === undefined ? undefined : editTranscript(this.#model, view, position)
  }
}

/** Shows a whole run in $EDITOR. */
export function editTranscript(model: WorkbenchModel, view: TreeView, position: number): PaneEffect {
  const { id } = view.trajectory(position)
  return { type: 'edit', name: `${view.task}-${id}.md`, text: transcriptText(model, id) }
}
