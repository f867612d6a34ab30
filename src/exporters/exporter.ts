import type { Json } from '../domain/json.ts'
import type { Message } from '../domain/message.ts'
import type { MergeMode } from '../domain/merge-mode.ts'
import type { Outcome, StepDraft } from '../domain/trajectory.ts'
import type { TemplateName } from '../training/tree-line.ts'

/** One accepted Pair with everything a trainer needs; sides are already swapped where the reviewer swapped them. */
export interface PairExample {
  readonly id: string
  readonly task: string
  readonly repository?: string
  readonly mode: MergeMode
  readonly tools?: readonly Json[]
  /** Literal messages of the *chosen* member up to the critical Node: prompt, replies, observations. */
  readonly prefix: readonly Message[]
  readonly chosen: StepDraft
  readonly rejected: StepDraft
  readonly counts: {
    readonly chosen: { readonly n: number; readonly r: number }
    readonly rejected: { readonly n: number; readonly r: number }
  }
  readonly delta: number
  readonly confidence: number
}

/** One Trajectory for SFT. */
export interface TrajectoryExample {
  /** Stable across machines: content hash. */
  readonly id: string
  readonly task: string
  readonly repository?: string
  readonly run?: string
  readonly model?: string
  readonly tools?: readonly Json[]
  readonly prompt: readonly Message[]
  readonly steps: readonly StepDraft[]
  readonly outcome: Outcome
  readonly patch?: string
  readonly end?: string
}

/**
 * One Tree for the torch trainer (trees.jsonl: one line per Tree): the Trajectories and Pairs of a Task that begin with the same
 * prompt and tools, as literal as they were; the exporter merges them.
 */
export interface TreeExample {
  readonly id: string
  readonly task: string
  readonly repository?: string
  readonly tools?: readonly Json[]
  readonly prompt: readonly Message[]
  readonly trajectories: readonly {
    readonly id: string
    readonly outcome: Outcome
    /** Where it comes from, in a word: an importer's format, `rollout`, `dataset`. */
    readonly source: string
    readonly steps: readonly StepDraft[]
  }[]
  readonly pairs: readonly {
    readonly id: string
    readonly weight: number
    /** Success rates of the two actions in the session's Tree; absent: those of the literal Nodes stand for them. */
    readonly scores?: { readonly chosen: number; readonly rejected: number }
    /** Messages between the prompt and the action, of the chosen side. */
    readonly path: readonly Message[]
    readonly chosen: StepDraft
    readonly rejected: StepDraft
  }[]
}

/** Why an example was left out of an export. */
export interface Dropped {
  readonly id: string
  readonly reason: string
}

/**
 * How tool calls are written:
 * - `literal`: as the source had them
 * - `native`: as `tool_calls` of the message; calls the source wrote as `<function=…>` text are read back into calls
 * - `text`: inside the content, as `<function=NAME>` blocks; results become user messages, tool definitions part of the system text
 */
export const CALL_FORMS = ['literal', 'native', 'text'] as const
export type CallForm = (typeof CALL_FORMS)[number]

/** What a person can choose about an export. */
export interface ExportOptions {
  /** Stem of the files written, e.g. `pairs` → `pairs.jsonl`; default: the format's own. */
  readonly name?: string
  /** Default: the first form the format takes. */
  readonly calls?: CallForm
  /** Examples whose row has more characters (as JSON) are dropped; default: no limit. */
  readonly maxChars?: number
  /** Share of Tasks held out for validation, in [0, 1); default 0. */
  readonly valFraction?: number
  /** Parquet instead of JSON Lines, where the format offers it. */
  readonly parquet?: boolean
  /** Values never to be written out, beside known key shapes. */
  readonly secrets?: readonly string[]
  /** Chat template the trainer should use (`trees` only); default `qwen2.5`. */
  readonly template?: TemplateName
}

/** One column of a Parquet export: text, or any JSON value stored as JSON text. */
export interface Column {
  readonly name: string
  readonly type: 'text' | 'json'
}

/** What one example becomes: fields in the order they are written; `undefined` fields are left out. */
export type Row = { readonly [field: string]: unknown }

/** Which split a row belongs to. */
export type Split = 'train' | 'val'

/** What a row is made with: the options, settled. */
export interface RowContext {
  readonly calls: CallForm
  /** Null: nothing is held out. */
  readonly split: Split | null
  readonly template: TemplateName
  /** Leaves out a part of an example (a Pair of a Tree) while the rest is kept. */
  readonly drop: (dropped: Dropped) => void
}

/** A file an export wrote; the caller holds the bytes. */
export interface WrittenFile {
  readonly name: string
  readonly split: Split | undefined
  readonly rows: number
  readonly bytes: number
  /** SHA-256 of the bytes, hex: same examples and options → same hash. */
  readonly sha256: string
}

/** One trainer's format. How rows become files is the same for all (`export-files.ts`). */
export interface ExporterOf<Kind extends string, Example> {
  /** Name on the command line, e.g. `trl`. */
  readonly format: string
  /** What it is, under 70 characters. */
  readonly summary: string
  readonly takes: Kind
  /** Stem of its files. */
  readonly stem: string
  /** Forms of tool calls it can hold, the default first. */
  readonly calls: readonly CallForm[]
  /** Its Parquet columns; `undefined` = JSON Lines only. */
  readonly columns?: readonly Column[]
  /** Both splits in one file, told apart by a field of the row. */
  readonly oneFile?: boolean
  /** Texts stay as they are, NUL and lone surrogates included (JSON escapes both), so that they come back exactly. */
  readonly exactText?: boolean
  /** The row of one example; throws `UnfitExample` when a trainer could not use it. */
  row(example: Example, context: RowContext): Row
  /** Small files beside the data that say how to load it. */
  sidecars?(
    files: readonly WrittenFile[],
    context: { readonly calls: CallForm; readonly parquet: boolean },
  ): readonly Sidecar[]
}

/** A small text file beside the data. */
export interface Sidecar {
  readonly name: string
  readonly text: string
}

export type PairExporter = ExporterOf<'pairs', PairExample>
export type TrajectoryExporter = ExporterOf<'trajectories', TrajectoryExample>
export type TreeExporter = ExporterOf<'trees', TreeExample>
export type Exporter = PairExporter | TrajectoryExporter | TreeExporter

/** An example no trainer of this format could use; the message is the reason shown to a person. */
export class UnfitExample extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'UnfitExample'
  }
}
