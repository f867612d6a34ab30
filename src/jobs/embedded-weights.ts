import type { EmbeddedWeights } from '../policy/embedded/weights.ts'

/**
 * What an embedded Policy or a training starts from: a file, or with '' the untrained weights of a seed.
 * @throws SealignError when the file is not there or does not fit.
 */
export async function embeddedWeights({
  weights,
  seed,
}: {
  readonly weights: string
  readonly seed: number
}): Promise<EmbeddedWeights> {
  const { freshWeights, loadWeights } = await import('../policy/embedded/weights.ts')
  return weights === '' ? freshWeights(seed) : await loadWeights(weights)
}
