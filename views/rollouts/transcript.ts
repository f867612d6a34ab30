import type { RolloutDetail, RolloutRow, StuckInfo, WorkbenchModel } from '../model.ts'
import { type Row, type Span, span } from '../paint/row.ts'
import type { BlockSource } from './scroller.ts'
import { promptRows, stepRows } from './step-rows.ts'
import { tailRows } from './tail-rows.ts'

/** Blocks kept as rows; older ones are made again when they are looked at. */
const KEPT = 200
/** Cells in front of every row: the mark of a loop. */
export const GUTTER = 2

/**
 * A running rollout's messages: block 0 is the prompt, block t is Step t, the last one is what happens now. Steps are read when they
 * are looked at and kept as rows; a new Step costs only itself.
 */
export class LiveTranscript implements BlockSource {
  readonly #model: Pick<WorkbenchModel, 'step' | 'stepCount' | 'prompt'>
  readonly #kept = new Map<number, readonly Row[]>()
  readonly #unfolded = new Set<number>()
  #row: RolloutRow
  #detail: RolloutDetail
  #width = 80
  #steps = 0
  #nudges = 0
  #tail: readonly Row[] | undefined

  constructor(model: Pick<WorkbenchModel, 'step' | 'stepCount' | 'prompt'>, row: RolloutRow, detail: RolloutDetail) {
    this.#model = model
    this.#row = row
    this.#detail = detail
  }

  /** Takes over what is known now; drops only what became wrong. */
  follow(row: RolloutRow, detail: RolloutDetail, width: number): void {
    const steps = row.trajectory === undefined ? 0 : this.#model.stepCount(row.trajectory)
    const isOther = row.trajectory !== this.#row.trajectory || steps < this.#steps
    if (isOther) this.#unfolded.clear()
    if (isOther || width !== this.#width || detail.nudges.length !== this.#nudges) this.#kept.clear()
    if (
      row !== this.#row ||
      detail.live !== this.#detail.live ||
      detail.verdict !== this.#detail.verdict ||
      width !== this.#width
    )
      this.#tail = undefined
    this.#row = row
    this.#detail = detail
    this.#width = width
    this.#steps = steps
    this.#nudges = detail.nudges.length
  }

  get blocks(): number {
    return this.#steps + 2
  }

  lines(block: number): readonly Row[] {
    if (block === this.blocks - 1) return (this.#tail ??= tailRows(this.#row, this.#detail, this.#room))
    const kept = this.#kept.get(block)
    if (kept !== undefined) return kept
    const rows = this.#blockRows(block)
    if (rows === undefined) return NOT_READ
    if (block === 0 && rows.length === 1 && !this.#hasPrompt()) return rows
    if (this.#kept.size >= KEPT) this.#kept.delete(this.#kept.keys().next().value ?? 0)
    this.#kept.set(block, rows)
    return rows
  }

  /** Folds or unfolds a block; the last one has nothing to fold. */
  fold(block: number, how: 'fold' | 'unfold' | 'toggle'): boolean {
    const isUnfolded = this.#unfolded.has(block)
    const unfold = how === 'toggle' ? !isUnfolded : how === 'unfold'
    if (unfold === isUnfolded || block === this.blocks - 1) return false
    if (unfold) this.#unfolded.add(block)
    else this.#unfolded.delete(block)
    this.#kept.delete(block)
    return true
  }

  foldAll(unfold: boolean): void {
    this.#unfolded.clear()
    if (unfold) for (let block = 0; block < this.blocks - 1; block++) this.#unfolded.add(block)
    this.#kept.clear()
  }

  /** The mark in front of a row: `⟳` along a loop, with a corner where each of its rounds begins. */
  gutter(block: number, line: number): Span {
    const { stuck } = this.#row
    if (stuck === undefined || block < stuck.from || block > stuck.to || block === this.blocks - 1) return PLAIN_GUTTER
    if (line > 0) return LOOP_GUTTER
    return beginsRound(stuck, block) ? ROUND_GUTTER : STEP_GUTTER
  }

  get #room(): number {
    return Math.max(1, this.#width - GUTTER)
  }

  /** A prompt that is not stored yet is asked for again. */
  #hasPrompt(): boolean {
    const { trajectory } = this.#row
    return trajectory !== undefined && this.#model.prompt(trajectory).length > 0
  }

  #blockRows(block: number): Row[] | undefined {
    const { trajectory } = this.#row
    const unfolded = this.#unfolded.has(block)
    if (trajectory === undefined) return promptRows([], false, this.#room)
    if (block === 0) return promptRows(this.#model.prompt(trajectory), unfolded, this.#room)
    const step = this.#model.step(trajectory, block)
    if (step === undefined) return undefined
    const nudges = this.#detail.nudges.filter(({ t }) => t === block)
    return stepRows(step, block, { unfolded, nudges, width: this.#room })
  }
}

const NOT_READ: readonly Row[] = [[span('…', 'muted')]]
const PLAIN_GUTTER = span('  ')
const LOOP_GUTTER = span('│ ', 'warn')
const STEP_GUTTER = span('⟳ ', 'warn')
const ROUND_GUTTER = span('⟳┐', 'warn')

function beginsRound({ from, period }: StuckInfo, t: number): boolean {
  return period > 1 && (t - from) % period === 0
}
