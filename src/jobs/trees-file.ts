import { createHash } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { SealignError } from '../domain/errors.ts'
import { exportFiles } from '../exporters/export-files.ts'
import { type CallForm, CALL_FORMS } from '../exporters/exporter.ts'
import { datasetTrees } from '../exporters/tree-examples.ts'
import { treeRow, trees } from '../exporters/trees.ts'
import { readDataset } from '../training/dataset-files.ts'
import type { TemplateName } from '../training/tree-line.ts'

/** How the Trees are written. */
export interface TreesForm {
  /** How tool calls are written; default `literal`. */
  readonly calls?: CallForm
  /** Chat template the trainer renders them with; default `model`. */
  readonly template?: TemplateName
}

/** What a trees.jsonl holds, and what was left out of it. */
export interface TreesFile {
  readonly trees: number
  readonly trajectories: number
  readonly pairs: number
  readonly dropped: readonly { readonly id: string; readonly reason: string }[]
}

/** Raised when the same Dataset is written differently. */
const VERSION = 1

/** `trees.jsonl.made.json`, beside trees.jsonl: what it was made from. */
const MadeFile = z.object({
  version: z.literal(VERSION),
  dataset: z.string(),
  calls: z.enum(CALL_FORMS),
  template: z.string(),
  sha256: z.string(),
  trees: z.int(),
  trajectories: z.int(),
  pairs: z.int(),
  dropped: z.array(z.object({ id: z.string(), reason: z.string() })),
})
type MadeFile = z.infer<typeof MadeFile>

/**
 * Writes the literal Trees of a frozen Dataset to `path` (trees.jsonl) for `sealign_trainer`, which holds out repositories by itself. A
 * whole file takes the place of the old one, or none; one made from the same Dataset in the same form is left alone.
 * @throws SealignError `not-found` or `contract` when the Dataset is gone or damaged; `store` when the file cannot be written.
 */
export function writeTrees(datasetFolder: string, path: string, form: TreesForm = {}): TreesFile {
  const { calls = 'literal', template = 'model' } = form
  const dataset = readDataset(datasetFolder)
  const made = readMade(path)
  if (made?.dataset === dataset.hash && made.calls === calls && made.template === template) return figuresOf(made)
  const partial = `${path}.partial-${process.pid}`
  const hash = createHash('sha256')
  const figures = { trees: 0, trajectories: 0, pairs: 0 }
  const counting: typeof trees = {
    ...trees,
    row: (example, context) => {
      const row = treeRow(example, context)
      figures.trees++
      figures.trajectories += row.trajectories.length
      figures.pairs += row.pairs.length
      return row
    },
  }
  try {
    mkdirSync(dirname(path), { recursive: true })
    const chunks = exportFiles(counting, datasetTrees(dataset), { calls, template })
    const file = openSync(partial, 'w', 0o600)
    let next = chunks.next()
    try {
      for (; !next.done; next = chunks.next()) {
        const { bytes } = next.value
        hash.update(bytes)
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
      }
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    const { dropped } = next.value
    const written: MadeFile = {
      version: VERSION,
      dataset: dataset.hash,
      calls,
      template,
      sha256: hash.digest('hex'),
      ...figures,
      dropped: [...dropped],
    }
    rmSync(madePath(path), { force: true })
    renameSync(partial, path)
    writeFileSync(partial, `${JSON.stringify(written, null, 2)}\n`, { mode: 0o600, flush: true })
    renameSync(partial, madePath(path))
    return figuresOf(written)
  } catch (error) {
    throw cannotWrite(path, error)
  } finally {
    rmSync(partial, { force: true })
  }
}

function madePath(path: string): string {
  return `${path}.made.json`
}

/** What the file at `path` was made from, when it is still as it was written. */
function readMade(path: string): MadeFile | undefined {
  try {
    const made = MadeFile.parse(JSON.parse(readFileSync(madePath(path), 'utf8')))
    return createHash('sha256').update(readFileSync(path)).digest('hex') === made.sha256 ? made : undefined
  } catch {
    return undefined
  }
}

function figuresOf({ trees: lines, trajectories, pairs, dropped }: MadeFile): TreesFile {
  return { trees: lines, trajectories, pairs, dropped }
}

function cannotWrite(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (error instanceof SealignError || code === '') return error
  return new SealignError(
    'store',
    `the trees cannot be written to ${path} (${code === 'ENOSPC' ? 'the disk is full' : code})`,
    {
      hint: 'Nothing half-written was left there; make room, or give yourself write permission.',
      cause: error,
    },
  )
}
