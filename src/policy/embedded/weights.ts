import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { endianness } from 'node:os'
import { dirname } from 'node:path'
import { z } from 'zod'
import { SealignError } from '../../domain/errors.ts'
import { RUN_STAGES } from '../../domain/run.ts'
import { FEATURE_COUNT, FEATURE_VERSION } from './features.ts'
import { freshNetwork, type Network, parameterCount } from './network.ts'

const FORMAT = 'sealign-embedded-weights'
const VERSION = 1

const Provenance = z.object({
  /** Of the untrained network. */
  seed: z.int(),
  /** Hash of the Dataset it learnt from, and by which Run, stage and optimizer step; absent: untrained. */
  dataset: z.string().optional(),
  run: z.string().optional(),
  stage: z.enum(RUN_STAGES).optional(),
  step: z.int().optional(),
})
export type WeightsProvenance = z.infer<typeof Provenance>

const WeightsFile = z.object({
  format: z.literal(FORMAT),
  version: z.int(),
  features: z.object({ version: z.int(), count: z.int() }),
  sizes: z.array(z.int().min(1)).min(2),
  provenance: Provenance,
  sha256: z.string(),
  /** Float32, little-endian, base64; see `Network.numbers`. */
  numbers: z.string(),
})

/** What the embedded policy knows: the numbers of its network, and where they come from. */
export interface EmbeddedWeights extends Network {
  readonly provenance: WeightsProvenance
  /** Of the numbers, hexadecimal. */
  readonly sha256: string
}

/** The untrained policy: it behaves as its habits say. */
export function freshWeights(seed: number): EmbeddedWeights {
  return weightsOf(freshNetwork(seed), { seed })
}

export function weightsOf({ sizes, numbers }: Network, provenance: WeightsProvenance): EmbeddedWeights {
  return { sizes, numbers, provenance, sha256: hashNumbers(numbers) }
}

/** Writes one JSON file, which is whole or absent at any moment. */
export async function saveWeights(
  path: string,
  { sizes, numbers, provenance, sha256 }: EmbeddedWeights,
): Promise<void> {
  const file: z.infer<typeof WeightsFile> = {
    format: FORMAT,
    version: VERSION,
    features: { version: FEATURE_VERSION, count: FEATURE_COUNT },
    sizes: [...sizes],
    provenance,
    sha256,
    numbers: encodeNumbers(numbers),
  }
  await writeWhole(path, JSON.stringify(file))
}

/** @throws SealignError when the file is absent, damaged, of another version, or made for other features. */
export async function loadWeights(path: string): Promise<EmbeddedWeights> {
  const file = parsed(path, await textOf(path))
  if (file.version !== VERSION) {
    throw new SealignError('contract', `${path} has weights of version ${file.version}, expected ${VERSION}`, {
      hint: 'Use the release of sealign that wrote it, or train again',
    })
  }
  const { version, count } = file.features
  if (version !== FEATURE_VERSION || count !== FEATURE_COUNT || file.sizes[0] !== FEATURE_COUNT) {
    throw new SealignError(
      'contract',
      `${path} was trained on ${count} features of version ${version}; this program has ${FEATURE_COUNT} of version ${FEATURE_VERSION}`,
      { hint: 'Train again with this release' },
    )
  }
  const numbers = decodeNumbers(file.numbers)
  if (numbers.length !== parameterCount(file.sizes) || hashNumbers(numbers) !== file.sha256) {
    throw damaged(path, 'its numbers do not match their checksum')
  }
  const { sizes, provenance, sha256 } = file
  return { sizes, numbers, provenance, sha256 }
}

/** Base64 of the numbers as little-endian float32. */
export function encodeNumbers(numbers: Float32Array): string {
  return bytesOf(numbers).toString('base64')
}

export function decodeNumbers(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  const numbers = new Float32Array(Math.floor(bytes.length / 4))
  for (let i = 0; i < numbers.length; i++) numbers[i] = bytes.readFloatLE(i * 4)
  return numbers
}

/** Writes a file beside its place, flushes it and renames it: no reader ever sees a part of it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const partial = `${path}.${randomBytes(6).toString('hex')}.partial`
  try {
    const file = await open(partial, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

function hashNumbers(numbers: Float32Array): string {
  return createHash('sha256').update(bytesOf(numbers)).digest('hex')
}

function bytesOf(numbers: Float32Array): Buffer {
  const bytes = Buffer.from(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
  return endianness() === 'LE' ? bytes : bytes.swap32()
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new SealignError('not-found', absent ? `${path} does not exist` : `${path} cannot be read`, {
      ...(absent ? { hint: 'Name a file of weights that a run of the embedded trainer saved' } : {}),
      cause: error,
    })
  }
}

function parsed(path: string, text: string): z.infer<typeof WeightsFile> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw damaged(path, 'it is not JSON', error)
  }
  const file = WeightsFile.safeParse(value)
  if (file.success) return file.data
  const [issue] = file.error.issues
  throw damaged(
    path,
    issue === undefined ? 'its form is wrong' : `${issue.path.join('.')}: ${issue.message}`,
    file.error,
  )
}

function damaged(path: string, why: string, cause?: unknown): SealignError {
  return new SealignError('contract', `${path} does not hold the weights of an embedded policy: ${why}`, {
    hint: 'Train again, or restore the file from a copy',
    ...(cause === undefined ? {} : { cause }),
  })
}
