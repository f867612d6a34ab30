import type { MergeMode } from '../domain/merge-mode.ts'
import type { PairKind, RunStage } from '../domain/run.ts'
import { type Difference, pooledDifference } from './paired-difference.ts'
import { pooledRate, type TaskCount } from './rate.ts'
import type { Rate } from './report.ts'
import type { Measure } from './summary.ts'

/** What is varied: parts of the method (paper, table 5), how much data (table 6), and what the paper leaves open (§4.3, §4.2). */
export const ABLATION_TABLES = ['parts', 'data', 'threshold', 'merge'] as const
export type AblationTable = (typeof ABLATION_TABLES)[number]

/** One way to train the same policy from the same rollouts. */
export interface AblationVariant {
  readonly name: string
  readonly tables: readonly AblationTable[]
  /** Empty: the policy is not trained. */
  readonly stages: readonly RunStage[]
  readonly pairs?: PairKind
  /** Share of the Tasks that is learnt from, in (0, 1]. */
  readonly fraction?: number
  readonly threshold?: number
  readonly merge?: MergeMode
  /** Then rolls the aligned policy out again, half as often, and trains once more by DPO on what both gave (paper §7.3). */
  readonly onPolicy?: boolean
  /** What the paper prints for it on SWE-bench Lite, percent. */
  readonly paper?: { readonly emptyPatch: number; readonly resolved: number }
}

const BOTH: readonly RunStage[] = ['sft', 'dpo']

/** The variant that all others are compared with: the whole method. */
export const WHOLE_METHOD = 'SFT + DPO'

export const ABLATION_VARIANTS: readonly AblationVariant[] = [
  { name: 'base', tables: ['parts', 'data'], stages: [], paper: { emptyPatch: 50.3, resolved: 3.7 } },
  { name: 'SFT only', tables: ['parts'], stages: ['sft'], paper: { emptyPatch: 22, resolved: 13 } },
  { name: 'DPO only', tables: ['parts'], stages: ['dpo'], paper: { emptyPatch: 24.3, resolved: 10.7 } },
  {
    name: 'SFT + whole-trajectory DPO',
    tables: ['parts'],
    stages: BOTH,
    pairs: 'trajectory',
    paper: { emptyPatch: 41.3, resolved: 5.3 },
  },
  { name: 'whole-trajectory DPO only', tables: ['parts'], stages: ['dpo'], pairs: 'trajectory' },
  { name: '25 % of the tasks', tables: ['data'], stages: BOTH, fraction: 0.25, paper: { emptyPatch: 35, resolved: 9 } },
  {
    name: '50 % of the tasks',
    tables: ['data'],
    stages: BOTH,
    fraction: 0.5,
    paper: { emptyPatch: 28.7, resolved: 13.7 },
  },
  {
    name: '75 % of the tasks',
    tables: ['data'],
    stages: BOTH,
    fraction: 0.75,
    paper: { emptyPatch: 22, resolved: 16 },
  },
  { name: WHOLE_METHOD, tables: ABLATION_TABLES, stages: BOTH, paper: { emptyPatch: 17, resolved: 17.7 } },
  {
    name: '+50 % on-policy',
    tables: ['data'],
    stages: BOTH,
    onPolicy: true,
    paper: { emptyPatch: 17, resolved: 16.3 },
  },
  { name: 'threshold 0.3', tables: ['threshold'], stages: BOTH, threshold: 0.3 },
  { name: 'threshold 0.7', tables: ['threshold'], stages: BOTH, threshold: 0.7 },
  { name: 'merge call+obs', tables: ['merge'], stages: BOTH, merge: 'call+obs' },
  { name: 'merge call+thought', tables: ['merge'], stages: BOTH, merge: 'call+thought' },
  { name: 'merge strict', tables: ['merge'], stages: BOTH, merge: 'strict' },
  { name: 'merge loose', tables: ['merge'], stages: BOTH, merge: 'loose' },
]

export const ABLATION_MEASURES = [
  'resolved',
  'emptyPatch',
  'stuck',
  'invalidCall',
] as const satisfies readonly Measure[]

/** What one variant came to with one seed. */
export interface AblationResult {
  readonly seed: number
  readonly variant: string
  /** What it learnt from. */
  readonly pairs: number
  readonly resolvedTrajectories: number
  /** Held-out Tasks. */
  readonly counts: Readonly<Record<(typeof ABLATION_MEASURES)[number], readonly TaskCount[]>>
  readonly seconds: number
}

/** One line of a table: a variant over its seeds. */
export interface AblationRow {
  readonly variant: AblationVariant
  readonly seeds: number
  /** Means over the seeds. */
  readonly pairs: number
  readonly resolvedTrajectories: number
  readonly resolved: Rate
  readonly emptyPatch: Rate
  readonly stuck: Rate
  readonly invalidCall: Rate
  /** Resolved rate beside that of the whole method with the same seeds, paired by seed and Task; `undefined` for the method itself. */
  readonly against: Difference | undefined
}

/** The variants of a table that were measured, in order. */
export function ablationRows(results: readonly AblationResult[], table: AblationTable): AblationRow[] {
  const whole = resultsOf(results, WHOLE_METHOD)
  return ABLATION_VARIANTS.filter(({ tables }) => tables.includes(table)).flatMap((variant) => {
    const own = resultsOf(results, variant.name)
    if (own.length === 0) return []
    const rate = (measure: (typeof ABLATION_MEASURES)[number]): Rate =>
      pooledRate(own.map(({ counts }) => counts[measure]))
    return [
      {
        variant,
        seeds: own.length,
        pairs: mean(own.map(({ pairs }) => pairs)),
        resolvedTrajectories: mean(own.map(({ resolvedTrajectories }) => resolvedTrajectories)),
        resolved: rate('resolved'),
        emptyPatch: rate('emptyPatch'),
        stuck: rate('stuck'),
        invalidCall: rate('invalidCall'),
        against: variant.name === WHOLE_METHOD ? undefined : difference(whole, own),
      },
    ]
  })
}

/** By seed, each once: the newest counts. */
function resultsOf(results: readonly AblationResult[], variant: string): AblationResult[] {
  const bySeed = new Map(results.filter((each) => each.variant === variant).map((each) => [each.seed, each]))
  return [...bySeed.values()].sort((a, b) => a.seed - b.seed)
}

function difference(whole: readonly AblationResult[], own: readonly AblationResult[]): Difference | undefined {
  const pairs = own.flatMap((each) => {
    const other = whole.find(({ seed }) => seed === each.seed)
    return other ? [{ before: other.counts.resolved, after: each.counts.resolved }] : []
  })
  if (pairs.length === 0) return undefined
  return pooledDifference(
    pairs.map(({ before }) => before),
    pairs.map(({ after }) => after),
  )
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
