import { layersOf } from '../../../src/policy/embedded/network.ts'

/** The network in float64 and the plainest loops there are: what every faster form is compared with. */
export function referenceLogits(
  { sizes, numbers }: { readonly sizes: readonly number[]; readonly numbers: ArrayLike<number> },
  features: Float32Array,
): number[] {
  const width = sizes[0] ?? 0
  return Array.from({ length: features.length / width }, (_, row) => {
    let values = Array.from(features.subarray(row * width, (row + 1) * width))
    for (const { inputs, outputs, weightsAt, biasesAt } of layersOf(sizes)) {
      values = Array.from({ length: outputs }, (_none, o) => {
        let sum = biasesAt === undefined ? 0 : Number(numbers[biasesAt + o])
        for (let i = 0; i < inputs; i++) sum += Number(values[i]) * Number(numbers[weightsAt + i * outputs + o])
        return biasesAt === undefined ? sum : Math.max(0, sum)
      })
    }
    return values[0] ?? Number.NaN
  })
}

/** Float32 numbers in [-1, 1) that are the same on every run. */
export function numbersFrom(random: () => number, length: number): Float32Array {
  return Float32Array.from({ length }, () => random() * 2 - 1)
}
