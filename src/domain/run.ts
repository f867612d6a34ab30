/** The two stages of a Run, in order (paper §4.4). */
export const RUN_STAGES = ['sft', 'dpo'] as const
export type RunStage = (typeof RUN_STAGES)[number]

/** What DPO compares: the two actions of critical pairs (the paper's), or whole resolved against whole unresolved Trajectories (table 5). */
export const PAIR_KINDS = ['critical', 'trajectory'] as const
export type PairKind = (typeof PAIR_KINDS)[number]
