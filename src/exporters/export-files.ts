import { createHash } from 'node:crypto'
import { SealignError } from '../domain/errors.ts'
import { redactor } from '../lib/redact.ts'
import type { TemplateName } from '../training/tree-line.ts'
import { loadableText, mapTexts } from './clean-example.ts'
import {
  type CallForm,
  type Dropped,
  type ExporterOf,
  type ExportOptions,
  type Row,
  type Split,
  UnfitExample,
  type WrittenFile,
} from './exporter.ts'
import { ParquetFile } from './parquet-file.ts'
import { splitOf } from './split.ts'

/** The next bytes of one of the files; chunks of several files may alternate. */
export interface FileChunk {
  readonly file: string
  readonly bytes: Uint8Array
}

/** What an export came to. */
export interface ExportResult {
  readonly rows: number
  readonly dropped: readonly Dropped[]
  /** Data files that have rows, then the small files beside them. */
  readonly files: readonly WrittenFile[]
  /** SHA-256 over the names and hashes of all files, hex: one word for the whole export. */
  readonly sha256: string
}

/** What every example has, whatever its kind. */
interface Identified {
  readonly id: string
  readonly task: string
}

/**
 * Turns examples into the bytes of a format's files, one example at a time. Examples that no trainer could use are dropped
 * with a reason; secrets are redacted and texts made loadable first. Same examples in the same order → same bytes.
 * Throws `SealignError` (`usage`) before the first chunk when the options do not fit the format.
 */
export function exportFiles<Kind extends string, Example extends Identified>(
  exporter: ExporterOf<Kind, Example>,
  examples: Iterable<Example>,
  options: ExportOptions = {},
): Generator<FileChunk, ExportResult> {
  return write(exporter, examples, settle(exporter, options))
}

interface Settled {
  readonly stem: string
  readonly calls: CallForm
  readonly maxChars: number
  readonly valFraction: number
  readonly parquet: boolean
  readonly template: TemplateName
  readonly clean: (text: string) => string
}

function settle<Kind extends string, Example>(exporter: ExporterOf<Kind, Example>, options: ExportOptions): Settled {
  const { format } = exporter
  const [defaultForm = 'literal'] = exporter.calls
  const calls = options.calls ?? defaultForm
  const { name = exporter.stem, valFraction = 0, maxChars = Number.POSITIVE_INFINITY, parquet = false } = options
  if (!exporter.calls.includes(calls)) {
    throw new SealignError('usage', `${format} cannot hold ${calls} tool calls, only ${exporter.calls.join(' or ')}`)
  }
  if (parquet && exporter.columns === undefined) {
    throw new SealignError('usage', `${format} has no Parquet form, expected JSON Lines`, {
      hint: 'leave out --parquet',
    })
  }
  if (!(valFraction >= 0 && valFraction < 1)) {
    throw new SealignError('usage', `the validation share is ${valFraction}, expected a number from 0 to below 1`)
  }
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(name)) {
    throw new SealignError(
      'usage',
      `${JSON.stringify(name)} is no file name of letters, digits, dot, dash and underscore`,
    )
  }
  const redact = redactor(options.secrets)
  const clean = exporter.exactText === true ? redact : (text: string): string => redact(loadableText(text))
  return { stem: name, calls, maxChars, valFraction, parquet, template: options.template ?? 'qwen2.5', clean }
}

function* write<Kind extends string, Example extends Identified>(
  exporter: ExporterOf<Kind, Example>,
  examples: Iterable<Example>,
  settled: Settled,
): Generator<FileChunk, ExportResult> {
  const dropped: Dropped[] = []
  const drop = (each: Dropped): void => void dropped.push(each)
  const files = new Map<Split, OpenFile>()
  const open = (split: Split): OpenFile => {
    const file =
      files.get(split) ??
      new OpenFile(fileName(split, settled, exporter.oneFile), split, settled.parquet ? exporter.columns : undefined)
    files.set(split, file)
    return file
  }
  for (const example of examples) {
    const split = splitOf(example.task, settled.valFraction)
    try {
      const { calls, template, maxChars, valFraction, clean } = settled
      const context = { calls, template, split: valFraction === 0 ? null : split, drop }
      const row = exporter.row(mapTexts(example, clean), context)
      const line = JSON.stringify(row)
      if (line.length > maxChars)
        throw new UnfitExample(`its row has ${line.length} characters, over the limit of ${maxChars}`)
      yield* open(exporter.oneFile === true ? 'train' : split).add(row, line)
    } catch (error) {
      if (!(error instanceof UnfitExample)) throw error
      drop({ id: example.id, reason: error.message })
    }
  }
  const written: WrittenFile[] = []
  for (const file of [files.get('train'), files.get('val')]) {
    if (file === undefined) continue
    yield* file.finish()
    written.push(file.written(exporter.oneFile))
  }
  const rows = written.reduce((sum, file) => sum + file.rows, 0)
  const sidecars = rows === 0 ? [] : (exporter.sidecars?.(written, settled) ?? [])
  for (const { name, text } of sidecars) {
    const bytes = Buffer.from(text)
    yield { file: name, bytes }
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    written.push({ name, split: undefined, rows: 0, bytes: bytes.length, sha256 })
  }
  return { rows, dropped, files: written, sha256: hashOfFiles(written) }
}

function fileName(split: Split, { stem, valFraction, parquet }: Settled, oneFile = false): string {
  const part = valFraction === 0 || oneFile ? '' : `-${split}`
  return `${stem}${part}.${parquet ? 'parquet' : 'jsonl'}`
}

function hashOfFiles(files: readonly WrittenFile[]): string {
  const hash = createHash('sha256')
  for (const { name, sha256 } of files) hash.update(`${sha256}  ${name}\n`)
  return hash.digest('hex')
}

/** Lines are handed out in chunks of about this many characters. */
const CHUNK_CHARS = 1 << 16

class OpenFile {
  readonly #name: string
  readonly #split: Split
  readonly #parquet: ParquetFile | undefined
  readonly #hash = createHash('sha256')
  #lines: string[] = []
  #chars = 0
  #rows = 0
  #bytes = 0

  constructor(name: string, split: Split, columns: ConstructorParameters<typeof ParquetFile>[0] | undefined) {
    this.#name = name
    this.#split = split
    this.#parquet = columns === undefined ? undefined : new ParquetFile(columns)
  }

  *add(row: Row, line: string): Generator<FileChunk> {
    this.#rows += 1
    if (this.#parquet !== undefined) {
      const bytes = this.#parquet.add(row, line.length)
      if (bytes !== undefined) yield this.#chunk(bytes)
      return
    }
    this.#lines.push(line)
    this.#chars += line.length
    if (this.#chars >= CHUNK_CHARS) yield this.#chunk(this.#takeLines())
  }

  *finish(): Generator<FileChunk> {
    if (this.#parquet !== undefined) yield this.#chunk(this.#parquet.finish())
    else if (this.#lines.length > 0) yield this.#chunk(this.#takeLines())
  }

  written(oneFile = false): WrittenFile {
    const sha256 = this.#hash.copy().digest('hex')
    return { name: this.#name, split: oneFile ? undefined : this.#split, rows: this.#rows, bytes: this.#bytes, sha256 }
  }

  #takeLines(): Uint8Array {
    const bytes = Buffer.from(`${this.#lines.join('\n')}\n`)
    this.#lines = []
    this.#chars = 0
    return bytes
  }

  #chunk(bytes: Uint8Array): FileChunk {
    this.#hash.update(bytes)
    this.#bytes += bytes.length
    return { file: this.#name, bytes }
  }
}
