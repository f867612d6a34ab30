import type { PairKind, RunStage } from '../src/domain/run.ts'
import { SealignError } from '../src/domain/errors.ts'
import type { DatasetChoice } from '../sessions/freeze.ts'
import type { TrainingArgs } from './train-args.ts'

/** What a command line takes out of a Session. */
export function datasetChoice({
  undecided,
  fraction,
  fractionOf,
  prefix,
  threshold,
  merge,
  seed,
}: TrainingArgs): DatasetChoice {
  return {
    pairs: undecided ? 'undecided' : 'accepted',
    fraction,
    fractionOf,
    prefix,
    seed,
    ...(threshold !== undefined && { threshold }),
    ...(merge !== undefined && { merge }),
  }
}

/** How much of everything there is to learn from. */
export interface DatasetFigures {
  readonly trajectories: number
  readonly resolved: number
  readonly pairs: number
}

/** @throws SealignError `not-found` when a stage would have nothing to learn from. */
export function checkContent(
  command: string,
  { trajectories, resolved, pairs }: DatasetFigures,
  {
    stages,
    kind,
    undecided,
  }: { readonly stages: readonly RunStage[]; readonly kind: PairKind; readonly undecided: boolean },
): void {
  if (stages.includes('sft') && resolved === 0)
    throw new SealignError('not-found', `${command}: no trajectory that was resolved is left for SFT`, {
      hint: '`sealign filter` says which trajectories are left out; --stages dpo does without.',
    })
  if (!stages.includes('dpo')) return
  if (kind === 'critical' && pairs === 0)
    throw new SealignError('not-found', `${command}: there is no pair for DPO`, {
      hint: undecided
        ? '`sealign pair stats` counts them; --stages sft does without.'
        : "Review some (`sealign`, then 3), accept many with `sealign pair accept --where 'P > 0.95'`, or take what nobody decided with --undecided.",
    })
  if (kind === 'trajectory' && (resolved === 0 || resolved === trajectories))
    throw new SealignError('not-found', `${command}: DPO on whole trajectories needs resolved and unresolved ones`, {
      hint: '`sealign tree list` counts them.',
    })
}
