import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SealignError } from '../../../src/domain/errors.ts'
import { FEATURE_COUNT, FEATURE_VERSION } from '../../../src/policy/embedded/features.ts'
import { NETWORK_SIZES, parameterCount } from '../../../src/policy/embedded/network.ts'
import { freshWeights, loadWeights, saveWeights, weightsOf } from '../../../src/policy/embedded/weights.ts'
import { temporaryFolder } from '../../sessions/temporary.ts'

async function saved(): Promise<string> {
  const path = join(temporaryFolder(), 'a', 'base.json')
  await saveWeights(path, freshWeights(5))
  return path
}

/** Writes the file again with some of its fields changed. */
function change(path: string, fields: object): void {
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...fields }))
}

async function errorOf(path: string): Promise<SealignError> {
  const error: unknown = await loadWeights(path).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(SealignError)
  if (!(error instanceof SealignError)) throw new Error('not reached')
  return error
}

test('weights come back from their file bit for bit, with where they are from', async () => {
  const path = join(temporaryFolder(), 'dpo.json')
  const numbers = freshWeights(5).numbers.slice()
  numbers.set([Math.fround(1 / 3), -0, 1e-45, 3.4e38])
  const provenance = { seed: 5, dataset: 'abc', run: 'r1', stage: 'dpo', step: 12 } as const
  const weights = weightsOf({ sizes: NETWORK_SIZES, numbers }, provenance)
  await saveWeights(path, weights)
  expect(await loadWeights(path)).toEqual(weights)
})

test('untrained weights depend on their seed alone', () => {
  expect(freshWeights(5)).toEqual(freshWeights(5))
  expect(freshWeights(6).sha256).not.toBe(freshWeights(5).sha256)
  expect(freshWeights(5).numbers).toHaveLength(parameterCount(NETWORK_SIZES))
})

test('the file is one JSON document, replaced as a whole', async () => {
  const path = await saved()
  await saveWeights(path, freshWeights(6))
  expect(readdirSync(join(path, '..'))).toEqual(['base.json'])
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    format: 'sealign-embedded-weights',
    version: 1,
    features: { version: FEATURE_VERSION, count: FEATURE_COUNT },
    sizes: NETWORK_SIZES,
    provenance: { seed: 6 },
    sha256: freshWeights(6).sha256,
  })
})

test('a write that fails leaves nothing behind', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'base.json', 'in-the-way'), { recursive: true })
  await expect(saveWeights(join(folder, 'base.json'), freshWeights(1))).rejects.toThrow('base.json')
  expect(readdirSync(folder)).toEqual(['base.json'])
})

test('a file that is absent or cannot be read is named', async () => {
  const folder = temporaryFolder()
  const absent = await errorOf(join(folder, 'none.json'))
  expect(absent).toMatchObject({ code: 'not-found', message: `${join(folder, 'none.json')} does not exist` })
  expect((await errorOf(folder)).message).toBe(`${folder} cannot be read`)
})

test('weights for other features are refused with both versions', async () => {
  const path = await saved()
  change(path, { features: { version: FEATURE_VERSION + 1, count: FEATURE_COUNT + 2 } })
  expect(await errorOf(path)).toMatchObject({
    code: 'contract',
    message: `${path} was trained on ${FEATURE_COUNT + 2} features of version ${FEATURE_VERSION + 1}; this program has ${FEATURE_COUNT} of version ${FEATURE_VERSION}`,
    hint: 'Train again with this release',
  })
})

test('another version of the file is refused', async () => {
  const path = await saved()
  change(path, { version: 2 })
  expect(await errorOf(path)).toMatchObject({
    code: 'contract',
    message: `${path} has weights of version 2, expected 1`,
  })
})

test.for([
  ['not JSON', (path: string) => writeFileSync(path, '{'), 'it is not JSON'],
  ['another format', (path: string) => change(path, { format: 'other' }), 'format: '],
  ['a number changed', (path: string) => change(path, { numbers: flipped(path) }), 'do not match their checksum'],
  ['numbers cut off', (path: string) => change(path, { numbers: 'AAAAAA==' }), 'do not match their checksum'],
] as const)('a damaged file says so: %s', async ([, damage, why]) => {
  const path = await saved()
  damage(path)
  const error = await errorOf(path)
  expect(error.code).toBe('contract')
  expect(error.message).toContain(`${path} does not hold the weights of an embedded policy: `)
  expect(error.message).toContain(why)
})

/** The numbers of a file with one bit changed. */
function flipped(path: string): string {
  const { numbers } = JSON.parse(readFileSync(path, 'utf8')) as { numbers: string }
  const bytes = Buffer.from(numbers, 'base64')
  bytes[5] = Number(bytes[5]) ^ 1
  return bytes.toString('base64')
}
