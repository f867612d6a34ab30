import { createHash, hash } from 'node:crypto'
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
import { join } from 'node:path'
import { z } from 'zod'
import { SealignError } from '../domain/errors.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Message } from '../domain/message.ts'
import type { Dataset, DatasetPair, DatasetTrajectory } from './dataset.ts'

/** A Dataset as it lies on disk. */
export interface DatasetFolder {
  /** SHA-256 of the content, hexadecimal. */
  readonly hash: string
  readonly folder: string
  readonly pairs: number
  readonly trajectories: number
  readonly resolved: number
}

const PAIRS = 'pairs.jsonl'
const TRAJECTORIES = 'trajectories.jsonl'
const MANIFEST = 'dataset.json'
const VERSION = 1
/** Hexadecimal digits of the hash that name a folder. */
const NAME_DIGITS = 16

/**
 * Writes a Dataset below `root`, in a folder named by its content, with one rename: there is a whole Dataset or none. One that is
 * already there stays.
 * @param content - both sorted by id; taken one at a time.
 * @param settings - how it came about; no part of the hash.
 * @throws SealignError `store` when the disk is full or may not be written.
 */
export function writeDataset(
  root: string,
  content: { readonly pairs: Iterable<DatasetPair>; readonly trajectories: Iterable<DatasetTrajectory> },
  settings: JsonObject,
): DatasetFolder {
  const partial = join(root, `.partial-${process.pid}`)
  try {
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(partial, { recursive: true, mode: 0o700 })
    const pairs = writeLines(join(partial, PAIRS), content.pairs)
    let resolved = 0
    const trajectories = writeLines(join(partial, TRAJECTORIES), content.trajectories, ({ outcome }) => {
      if (outcome === 'resolved') resolved++
    })
    const manifest: Manifest = {
      version: VERSION,
      hash: contentHash(pairs.sha256, trajectories.sha256),
      pairs,
      trajectories: { ...trajectories, resolved },
      settings,
    }
    writeFileSync(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true })
    const folder = join(root, manifest.hash.slice(0, NAME_DIGITS))
    if (!isWhole(folder, manifest.hash)) {
      rmSync(folder, { recursive: true, force: true })
      renameSync(partial, folder)
    }
    return { hash: manifest.hash, folder, pairs: pairs.lines, trajectories: trajectories.lines, resolved }
  } catch (error) {
    throw cannotWrite(root, error)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

/**
 * Reads a Dataset back.
 * @throws SealignError `not-found` when it is gone; `contract`, with file and line, when it is not what was written.
 */
export function readDataset(folder: string): Dataset {
  const manifest = readManifest(folder)
  return {
    hash: manifest.hash,
    pairs: readLines(join(folder, PAIRS), PairLine, manifest.pairs),
    trajectories: readLines(join(folder, TRAJECTORIES), TrajectoryLine, manifest.trajectories),
  }
}

const FileFigures = z.object({ lines: z.int(), sha256: z.string() })
const ManifestFile = z.object({
  version: z.literal(VERSION),
  hash: z.string(),
  pairs: FileFigures,
  trajectories: FileFigures.extend({ resolved: z.int() }),
  settings: z.record(z.string(), z.json()),
})
type Manifest = Omit<z.infer<typeof ManifestFile>, 'settings'> & { readonly settings: JsonObject }

const MessageLine: z.ZodType<Message> = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
  reasoning: z.string().exactOptional(),
  toolCalls: z
    .array(
      z.object({
        id: z.string().exactOptional(),
        name: z.string(),
        arguments: z.union([z.record(z.string(), z.json()), z.string()]),
      }),
    )
    .exactOptional(),
  toolCallId: z.string().exactOptional(),
  name: z.string().exactOptional(),
})

const PairLine: z.ZodType<DatasetPair> = z.object({
  id: z.string(),
  task: z.string(),
  repository: z.string().exactOptional(),
  tools: z.array(z.json()).exactOptional(),
  depth: z.int().min(0),
  weight: z.number().positive(),
  scores: z.object({ chosen: z.number(), rejected: z.number() }).exactOptional(),
  prefix: z.array(MessageLine),
  chosen: MessageLine,
  rejected: MessageLine,
})

const TrajectoryLine: z.ZodType<DatasetTrajectory> = z.object({
  id: z.string(),
  task: z.string(),
  repository: z.string().exactOptional(),
  tools: z.array(z.json()).exactOptional(),
  outcome: z.enum(['resolved', 'unresolved', 'unknown']),
  prompt: z.array(MessageLine),
  steps: z.array(z.object({ reply: MessageLine, observation: z.array(MessageLine) })),
})

function contentHash(pairs: string, trajectories: string): string {
  return hash('sha256', `${pairs}\n${trajectories}\n`, 'hex')
}

function writeLines<T>(
  path: string,
  values: Iterable<T>,
  hear: (value: T) => void = () => undefined,
): { lines: number; sha256: string } {
  const file = openSync(path, 'w', 0o600)
  try {
    const sha256 = createHash('sha256')
    let lines = 0
    for (const value of values) {
      const bytes = Buffer.from(`${JSON.stringify(value)}\n`)
      sha256.update(bytes)
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
      hear(value)
      lines++
    }
    fsyncSync(file)
    return { lines, sha256: sha256.digest('hex') }
  } finally {
    closeSync(file)
  }
}

function readManifest(folder: string): Manifest {
  const path = join(folder, MANIFEST)
  const parsed = ManifestFile.safeParse(parsedJson(readText(path)))
  if (!parsed.success) throw damaged(path, problemOf(parsed.error))
  const { hash: whole, pairs, trajectories } = parsed.data
  if (contentHash(pairs.sha256, trajectories.sha256) !== whole) throw damaged(path, 'its hashes do not fit together')
  return parsed.data
}

function readLines<T extends { readonly id: string }>(
  path: string,
  schema: z.ZodType<T>,
  written: Manifest['pairs'],
): T[] {
  const text = readText(path)
  const values = text
    .split('\n')
    .slice(0, -1)
    .map((line, at) => {
      const parsed = schema.safeParse(parsedJson(line))
      if (!parsed.success) throw damaged(`${path}:${at + 1}`, problemOf(parsed.error))
      return parsed.data
    })
  if (values.length !== written.lines || (text !== '' && !text.endsWith('\n')))
    throw damaged(`${path}:${values.length + 1}`, `${written.lines} lines were written, not all are there`)
  if (hash('sha256', text, 'hex') !== written.sha256) throw damaged(path, 'it does not match its hash')
  return values
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new SealignError('not-found', `the dataset’s file ${path} cannot be read (${codeOf(error)})`, {
      hint: 'Freeze the dataset anew with another run: sealign train start',
      cause: error,
    })
  }
}

/** `undefined` for text that is no JSON: no schema takes it. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function problemOf(error: z.ZodError): string {
  const [issue] = error.issues
  const at = issue?.path.join('.') ?? ''
  return issue === undefined || at === '' ? 'it is not what was written there' : `${at}: ${issue.message}`
}

function damaged(place: string, problem: string): SealignError {
  return new SealignError('contract', `${place} is damaged: ${problem}`, {
    hint: 'Remove the dataset’s folder and freeze it anew: sealign train start',
  })
}

/** Whether the Dataset of this hash is there, every byte of it. */
function isWhole(folder: string, wanted: string): boolean {
  try {
    const manifest = readManifest(folder)
    const files = [
      [PAIRS, manifest.pairs],
      [TRAJECTORIES, manifest.trajectories],
    ] as const
    return (
      manifest.hash === wanted &&
      files.every(([name, { sha256 }]) => hash('sha256', readFileSync(join(folder, name)), 'hex') === sha256)
    )
  } catch {
    return false
  }
}

function cannotWrite(root: string, error: unknown): unknown {
  const code = codeOf(error)
  if (error instanceof SealignError || code === '') return error
  const why = code === 'ENOSPC' ? 'the disk is full' : code
  return new SealignError('store', `a dataset cannot be written below ${root} (${why})`, {
    hint: 'Nothing half-written was left there; make room, or give yourself write permission.',
    cause: error,
  })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
