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
])
export type PolicySettings = z.infer<typeof PolicySettings>

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
