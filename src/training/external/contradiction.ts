import type { StepLog } from './step-log.ts'

/** TensorBoard keeps 32 bits of a figure. */
const WITHIN = 1e-5

/** Whether what is known of a step has another loss: then these figures are of a step that was done again since, or before. */
export function contradicts(log: StepLog, step: number, figures: ReadonlyMap<string, number>): boolean {
  return ['loss', 'eval_loss'].some((name) => {
    const [said, known] = [figures.get(name), log.get(name, step)]
    if (said === undefined || known === undefined) return false
    return Math.abs(said - known) > WITHIN * Math.max(1, Math.abs(known))
  })
}
