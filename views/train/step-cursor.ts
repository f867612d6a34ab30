import type { StepFigures } from '../run-model.ts'
import type { StepAt } from './state.ts'

/** The position of a step among steps in ascending order; the last one for `undefined`, the nearest where there is no such step. */
export function stepIndex(steps: readonly StepFigures[], at: StepAt | undefined): number {
  if (at === undefined || steps.length === 0) return steps.length - 1
  const first = firstFrom(steps, at.x)
  for (let index = first; steps[index]?.x === at.x; index++) if (steps[index]?.kind === at.kind) return index
  return Math.min(first, steps.length - 1)
}

/** The step at a position; `undefined` beyond the last one and on it: that is the newest, whichever comes. */
export function stepAt(steps: readonly StepFigures[], index: number): StepAt | undefined {
  const step = index >= steps.length - 1 ? undefined : steps[Math.max(0, index)]
  return step && { x: step.x, kind: step.kind }
}

/**
 * The step `by` counts further (−: earlier), and at least one; there may be fewer steps than counts.
 *
 * @returns `undefined` past the newest step.
 */
export function steppedBy(steps: readonly StepFigures[], at: StepAt | undefined, by: number): StepAt | undefined {
  const from = at?.x ?? steps.at(-1)?.x
  if (from === undefined) return undefined
  if (by > 0) {
    const next = steps[firstFrom(steps, from + Math.max(1, by))]
    return next && { x: next.x, kind: next.kind }
  }
  const far = firstFrom(steps, from + by)
  const exact = steps[far]
  const before = exact !== undefined && exact.x < from ? exact : steps[Math.max(0, firstFrom(steps, from) - 1)]
  return before && { x: before.x, kind: before.kind }
}

/** The position of the first step that is not before a count. */
function firstFrom(steps: readonly StepFigures[], x: number): number {
  let [low, high] = [0, steps.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((steps[middle]?.x ?? 0) < x) low = middle + 1
    else high = middle
  }
  return low
}
