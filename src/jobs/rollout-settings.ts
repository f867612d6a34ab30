import { z } from 'zod'
import { rolloutLimitsSchema } from '../rollout/limits.ts'
import { STUCK_POLICIES, STUCK_RULES } from '../rollout/stuck.ts'

/** Where replies come from. Keys are never part of it, only the name of the variable that holds one. */
const PolicySettings = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('openai'),
    baseUrl: z.string(),
    model: z.string(),
    /** Environment variable with the key; the setting `apiKey` of this machine stands in where it is empty. */
    keyVariable: z.string(),
    /** US dollars per million tokens. */
    prices: z.object({ promptPerMillion: z.number(), completionPerMillion: z.number() }).optional(),
    contextTokens: z.int().optional(),
    /** How long a server that does not answer or is busy is asked again, seconds. */
    patienceSeconds: z.number(),
  }),
  z.object({ kind: z.literal('scripted'), script: z.string() }),
  z.object({
    kind: z.literal('embedded'),
    /** File of its weights; '': the untrained one. */
    weights: z.string(),
    /** Of the untrained one's network. */
    seed: z.int(),
    /** As people know it: `base`, `r1/dpo`, the name of a file. */
    model: z.string(),
  }),
  z.object({
    kind: z.literal('collector'),
    seed: z.int(),
    /** Share of its replies that it gets wrong on purpose, in [0, 1]; its own default where absent. */
    mistakes: z.number().optional(),
  }),
])
export type PolicySettings = z.infer<typeof PolicySettings>

/** What people call a Policy: its model, or the kind where that says it all. */
export function policyName(policy: PolicySettings): string {
  if (policy.kind === 'embedded') return `embedded ${policy.model}`
  return policy.kind === 'openai' ? policy.model : policy.kind
}

/** Whether a Policy's commands are our own: they may run without isolation. */
export function isOwnPolicy({ kind }: PolicySettings): boolean {
  return kind !== 'openai'
}

/** Everything a job must know to do its rollouts; stored with it, so that another process can go on. */
export const RolloutJobSettings = z.object({
  policy: PolicySettings,
  sampling: z.object({
    temperature: z.number().optional(),
    topP: z.number().optional(),
    maxTokens: z.int().optional(),
    seed: z.int().optional(),
    logprobs: z.boolean().optional(),
  }),
  sandbox: z.object({
    kind: z.enum(['local', 'docker', 'scripted']),
    /** Instead of the image each Task names. */
    image: z.string().optional(),
    network: z.boolean(),
    cpus: z.number(),
    memoryBytes: z.int(),
    processes: z.int(),
    diskBytes: z.int(),
  }),
  profile: z.enum(['openhands', 'staged']),
  format: z.enum(['text', 'native']),
  limits: rolloutLimitsSchema,
  stuck: z.object({
    policy: z.enum(STUCK_POLICIES),
    /** Rules switched, or given another threshold. */
    rules: z.partialRecord(z.enum(STUCK_RULES), z.union([z.boolean(), z.int()])),
  }),
  grading: z.object({
    enabled: z.boolean(),
    /** The tests that must start to pass first; the rest only where they do. */
    staged: z.boolean(),
    concurrency: z.int(),
  }),
  concurrency: z.int(),
})
export type RolloutJobSettings = z.infer<typeof RolloutJobSettings>
