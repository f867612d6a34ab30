import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { exportFiles, type ExportResult, type FileChunk } from '../src/exporters/export-files.ts'
import { CALL_FORMS, type Dropped, type Exporter, type ExportOptions } from '../src/exporters/exporter.ts'
import { EXPORTERS } from '../src/exporters/formats.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { bytesText } from '../src/importers/limits.ts'
import { Examples, type PairChoice, PREFIX_CHOICES } from '../sessions/examples.ts'
import { ANALYSIS_FLAGS, analysisFor } from './analysis-flags.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { count, table } from './table.ts'

/** Variables whose values never leave the machine in an export, beside those of the setting `redactVariables`. */
const SECRET_VARIABLES = /(_API_KEY|_TOKEN|_SECRET|_PASSWORD)$/

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'Write reviewed pairs, trajectories or trees for a trainer',
  example: 'sealign export trl --out dataset/',
  args: z.object({
    format: z.string().optional().describe('see --list-formats'),
    out: z.string().optional().describe('folder to write (default SESSION-FORMAT in the current folder)'),
    pairs: z
      .enum(['accepted', 'undecided', 'all'])
      .default('accepted')
      .describe('accepted; undecided = also pending and skipped; all = also rejected'),
    prefix: z
      .enum(PREFIX_CHOICES)
      .default('chosen')
      .describe('messages before a pair: the chosen side’s own, or shared by the pairs of a branch (smaller trees)'),
    allOutcomes: z.boolean().default(false).describe('trajectory formats: not the resolved ones only'),
    calls: z.enum(CALL_FORMS).optional().describe('how tool calls are written'),
    maxChars: z.int().min(1).optional().describe('drop rows with more characters'),
    valFraction: z.number().min(0).max(0.9).optional().describe('share of tasks held out for validation'),
    parquet: z.boolean().default(false).describe('Parquet instead of JSON Lines, where the format has it'),
    listFormats: z.boolean().default(false).describe('show the formats'),
    ...ANALYSIS_FLAGS,
  }),
  positional: ['format'],
  run(args, context) {
    if (args.listFormats)
      return {
        type: 'formats' as const,
        formats: EXPORTERS.map(({ format, summary, takes }) => ({ format, summary, takes })),
      }
    const exporter = knownFormat(args.format)
    const session = context.session()
    // What a harness judges is every patch, not what the filters keep for training.
    const flags = exporter.format === 'predictions' ? { ...args, filter: false } : args
    const examples = new Examples(session, analysisFor(context, flags), args.prefix)
    const folder = resolve(args.out ?? `${session.name}-${exporter.format}`)
    const dropped: Dropped[] = []
    const options: ExportOptions = {
      ...(args.calls !== undefined && { calls: args.calls }),
      ...(args.maxChars !== undefined && { maxChars: args.maxChars }),
      ...(args.valFraction !== undefined && { valFraction: args.valFraction }),
      parquet: args.parquet,
      secrets: secretValues(context),
    }
    if (exporter.takes === 'pairs' && examples.chosen(args.pairs).length === 0) throw noPairs(args.pairs)
    const everything = !isTraining(exporter) || args.allOutcomes
    const result = writeFolder(
      folder,
      chunksOf(exporter, examples, { pairs: args.pairs, everything }, options, (drop) => dropped.push(drop)),
    )
    if (result.rows === 0) throw nothingLeft(exporter, [...dropped, ...result.dropped])
    return {
      type: 'export' as const,
      format: exporter.format,
      folder,
      ...result,
      dropped: [...dropped, ...result.dropped],
    }
  },
  text(result, style) {
    if (result.type === 'formats')
      return table(
        [{ title: 'FORMAT' }, { title: 'TAKES' }, { title: 'WHAT IT IS' }],
        result.formats.map(({ format, takes, summary }) => [format, takes, summary]),
        style,
      )
    const reasons = [...Map.groupBy(result.dropped, ({ reason }) => reason)].map(
      ([reason, list]) => `  ${list.length} left out: ${safeText(reason)}`,
    )
    return [
      `${count(result.rows, 'row')} written to ${safeText(result.folder)}`,
      ...result.files.map(
        (file) =>
          `  ${file.name}  ${file.rows > 0 ? `${count(file.rows, 'row')}, ` : ''}${bytesText(file.bytes)}  sha256 ${file.sha256}`,
      ),
      ...reasons,
      `content sha256 ${result.sha256}`,
    ].join('\n')
  },
  json: ({ type: _type, ...result }) => ('formats' in result ? result.formats : result),
})

function knownFormat(format: string | undefined): Exporter {
  const exporter = EXPORTERS.find((each) => each.format === format)
  if (exporter) return exporter
  const names = EXPORTERS.map((each) => each.format).join(', ')
  throw new SealignError(
    'usage',
    format === undefined ? 'export: name a format' : `export: there is no format ${JSON.stringify(format)}`,
    { hint: `Formats: ${names}` },
  )
}

/** Whether a trainer reads this format; the others are for backups and harnesses. */
function isTraining({ format }: Exporter): boolean {
  return format !== 'jsonl' && format !== 'predictions'
}

function noPairs(choice: PairChoice): SealignError {
  if (choice !== 'accepted')
    return new SealignError('not-found', 'there are no pairs to export', {
      hint: 'A lower --threshold or --inclusive finds more; `sealign pair stats` counts them.',
    })
  return new SealignError('not-found', 'no pair has been accepted yet', {
    hint: "Review them (`sealign`, then 3), accept many with `sealign pair accept --where 'P > 0.95'`, or export what nobody decided with --pairs undecided.",
  })
}

function nothingLeft(exporter: Exporter, dropped: readonly Dropped[]): SealignError {
  const [first] = dropped
  const why = first ? `; the first of ${count(dropped.length, 'example')} left out: ${first.reason}` : ''
  return new SealignError('not-found', `nothing is left to write as ${exporter.format}${why}`, {
    hint: 'Nothing was written. `sealign filter` says which trajectories are left out.',
  })
}

function chunksOf(
  exporter: Exporter,
  examples: Examples,
  what: { pairs: PairChoice; everything: boolean },
  options: ExportOptions,
  drop: (dropped: Dropped) => void,
): Generator<FileChunk, ExportResult> {
  switch (exporter.takes) {
    case 'pairs':
      return exportFiles(exporter, examples.pairs(what.pairs, drop), options)
    case 'trajectories':
      return exportFiles(
        exporter,
        examples.trajectories(what.everything ? 'all' : 'resolved', isTraining(exporter) ? drop : undefined),
        options,
      )
    case 'trees':
      return exportFiles(exporter, examples.trees(what.pairs, drop), options)
  }
}

function secretValues({ env, config }: CommandContext): string[] {
  const named = config.get('redactVariables') ?? []
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value.length >= 8 && (named.includes(name) || SECRET_VARIABLES.test(name)) ? [value] : [],
  )
}

/** Writes chunks beside their final names and puts all files in place at the end: a reader never finds half an export. */
function writeFolder(folder: string, chunks: Generator<FileChunk, ExportResult>): ExportResult {
  const open = new Map<string, number>()
  const partial = (name: string): string => join(folder, `.${name}.partial`)
  try {
    let next = chunks.next()
    if (!next.done) mkdirSync(folder, { recursive: true })
    for (; !next.done; next = chunks.next()) {
      const { file, bytes } = next.value
      let handle = open.get(file)
      if (handle === undefined) {
        handle = openSync(partial(file), 'w')
        open.set(file, handle)
      }
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at)
    }
    for (const handle of open.values()) closeSync(handle)
    for (const name of open.keys()) renameSync(partial(name), join(folder, name))
    open.clear()
    return next.value
  } catch (error) {
    for (const [name] of open) rmSync(partial(name), { force: true })
    const code = (error as NodeJS.ErrnoException).code
    if (error instanceof SealignError || code === undefined) throw error
    throw new SealignError(
      'store',
      `the export to ${folder} cannot be written (${code === 'ENOSPC' ? 'the disk is full' : code})`,
      { hint: 'Nothing half-written was left there; choose another folder with --out.', cause: error },
    )
  }
}
