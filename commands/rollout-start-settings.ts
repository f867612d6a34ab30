import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import type { TaskDefinition } from '../src/domain/task.ts'
import type { PolicySettings, RolloutJobSettings } from '../src/jobs/rollout-settings.ts'
import { DEFAULT_ROLLOUT_LIMITS } from '../src/rollout/limits.ts'
import { STUCK_POLICIES } from '../src/rollout/stuck.ts'
import { createStuckWatch } from '../src/rollout/stuck-watch.ts'
import { DEFAULT_SANDBOX_LIMITS } from '../src/sandbox/sandbox.ts'
import type { CommandContext } from './define.ts'
import { checkMachinery } from './machinery.ts'
import { embeddedModel } from './train-model.ts'
import { stuckRules } from './stuck-rules.ts'

const GIB = 1024 ** 3

/** Arguments that decide how rollouts are made. */
export const START_ARGS = z.object({
  tasks: z
    .array(z.string())
    .describe('sets, tasks, repositories, beginnings with a star, all; or files of rows, which are imported first'),
  runs: z.int().min(1).max(1000).default(4).describe('rollouts of each task'),
  limit: z.int().min(1).optional().describe('only the first so many of the chosen tasks'),
  policy: z
    .enum(['openai', 'embedded', 'collector', 'scripted'])
    .default('openai')
    .describe('where replies come from: a server, our small network, a scripted search with mistakes, a file'),
  baseUrl: z
    .string()
    .optional()
    .describe('an OpenAI-compatible server, e.g. http://127.0.0.1:8000/v1 (default: setting baseUrl)'),
  model: z
    .string()
    .optional()
    .describe(
      'model to ask for (default: setting model, else the only one the server has); embedded: base, r1, r1/sft, r1/dpo or a file',
    ),
  keyVariable: z
    .string()
    .default('OPENAI_API_KEY')
    .describe('environment variable that holds the key; else setting apiKey'),
  script: z.string().optional().describe('replies of the scripted policy, JSON Lines'),
  profile: z.enum(['openhands', 'staged']).default('openhands').describe('framework the model works in'),
  format: z
    .enum(['text', 'native'])
    .default('text')
    .describe('calls written as text, or through the server’s tool calls'),
  sandbox: z.enum(['local', 'docker']).default('local').describe('where commands run'),
  image: z.string().optional().describe('container image instead of the one each task names'),
  network: z.boolean().default(false).describe('let sandboxes reach the network'),
  cpus: z.number().positive().default(DEFAULT_SANDBOX_LIMITS.cpus).describe('of one sandbox'),
  memory: z
    .number()
    .positive()
    .default(DEFAULT_SANDBOX_LIMITS.memoryBytes / GIB)
    .describe('of one sandbox, GiB'),
  temperature: z.number().min(0).max(5).optional().describe('sampling; the server’s default when left out'),
  topP: z.number().gt(0).max(1).optional().describe('nucleus sampling'),
  maxTokens: z.int().min(1).optional().describe('tokens of one reply at most'),
  seed: z.int().optional().describe('seed of the first run; each further run adds one'),
  mistakes: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'share of replies the collector gets wrong on purpose (default: about a third of its rollouts are resolved)',
    ),
  evaluation: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .describe('these rollouts measure the policy under this name: they never enter trees and datasets'),
  logprobs: z.boolean().default(false).describe('keep the log-probabilities of sampled tokens'),
  turns: z.int().min(1).max(10_000).default(DEFAULT_ROLLOUT_LIMITS.turns).describe('replies of one rollout at most'),
  context: z
    .int()
    .min(256)
    .default(DEFAULT_ROLLOUT_LIMITS.contextTokens)
    .describe('tokens of prompt and reply at most'),
  minutes: z
    .number()
    .positive()
    .default(DEFAULT_ROLLOUT_LIMITS.wallMs / 60_000)
    .describe('wall time of one rollout at most'),
  cost: z.number().positive().optional().describe('US dollars of one rollout at most; needs --prices'),
  prices: z.string().optional().describe('US dollars per million tokens read and written, e.g. 0.5,1.5'),
  patience: z.number().positive().default(600).describe('seconds a busy or silent server is asked again'),
  stuck: z.enum(STUCK_POLICIES).default('sealign').describe('rules that notice loops and end them'),
  rule: z.array(z.string()).default([]).describe('RULE=off, or RULE=ROUNDS for another threshold; may be repeated'),
  grade: z.boolean().default(true).describe('run the tasks’ tests on what the rollouts leave'),
  staged: z.boolean().default(false).describe('grade the tests that must start to pass first, stop where they fail'),
  concurrency: z.int().min(1).max(512).default(8).describe('rollouts at once'),
  graders: z
    .int()
    .min(1)
    .max(128)
    .default(Math.max(1, Math.floor(availableParallelism() * 0.75)))
    .describe('gradings at once'),
  wait: z.boolean().default(false).describe('stay until the job is done; Ctrl-C leaves it running'),
  check: z.boolean().default(true).describe('ask server and sandbox for a sign of life before anything starts'),
})
export type StartArgs = z.output<typeof START_ARGS>

/** What a job must know, from what was typed; server and sandbox are asked for a sign of life on the first Task. */
export async function settingsOf(
  args: StartArgs,
  first: TaskDefinition,
  context: CommandContext,
): Promise<RolloutJobSettings> {
  const rules = checkedRules(args)
  const policy = policySettings(args, context)
  if (policy.kind !== 'openai' && policy.kind !== 'scripted') checkOwnForm(args)
  const settings: RolloutJobSettings = {
    policy,
    sampling: {
      ...(args.temperature !== undefined && { temperature: args.temperature }),
      ...(args.topP !== undefined && { topP: args.topP }),
      ...(args.maxTokens !== undefined && { maxTokens: args.maxTokens }),
      ...(args.seed !== undefined && { seed: args.seed }),
      ...(args.logprobs && { logprobs: true }),
    },
    sandbox: {
      kind: args.sandbox,
      ...(args.image !== undefined && { image: args.image }),
      network: args.network,
      cpus: args.cpus,
      memoryBytes: Math.round(args.memory * GIB),
      processes: DEFAULT_SANDBOX_LIMITS.processes,
      diskBytes: DEFAULT_SANDBOX_LIMITS.diskBytes,
    },
    profile: args.profile,
    format: args.format,
    limits: {
      ...DEFAULT_ROLLOUT_LIMITS,
      turns: args.turns,
      contextTokens: args.context,
      wallMs: Math.round(args.minutes * 60_000),
      ...(args.cost !== undefined && { costUsd: args.cost }),
    },
    stuck: { policy: args.stuck, rules },
    grading: { enabled: args.grade, staged: args.staged, concurrency: args.graders },
    concurrency: args.concurrency,
  }
  return args.check ? await checkMachinery(settings, first, context) : settings
}

/** @throws SealignError `usage` for a rule or a threshold that is none. */
function checkedRules({ stuck, rule }: StartArgs): ReturnType<typeof stuckRules> {
  const rules = stuckRules('rollout start', rule)
  createStuckWatch(stuck, { rules })
  return rules
}

/** Our own policies read and write one form. */
function checkOwnForm({ policy, profile, format }: StartArgs): void {
  if (profile === 'openhands' && format === 'text') return
  throw new SealignError(
    'usage',
    `rollout start: the ${policy} policy works in the profile openhands and the format text`,
    {
      hint: 'Leave --profile and --format out.',
    },
  )
}

function policySettings(args: StartArgs, context: CommandContext): PolicySettings {
  const { config } = context
  const { seed = 0, mistakes } = args
  if (args.policy === 'embedded')
    return { kind: 'embedded', seed, ...embeddedModel(context.session(), args.model ?? 'base') }
  if (args.policy === 'collector') return { kind: 'collector', seed, ...(mistakes !== undefined && { mistakes }) }
  if (args.policy === 'scripted') {
    if (args.script === undefined)
      throw new SealignError('usage', 'rollout start: the scripted policy needs --script FILE', {
        hint: 'docs/rollouts.md shows what such a file looks like.',
      })
    return { kind: 'scripted', script: resolve(args.script) }
  }
  const baseUrl = args.baseUrl ?? config.get('baseUrl')
  if (baseUrl === undefined)
    throw new SealignError('usage', 'rollout start: which server? --base-url is missing', {
      hint: 'Give --base-url http://HOST:PORT/v1, or keep one: sealign config baseUrl URL',
    })
  const prices = pricesOf(args.prices)
  if (args.cost !== undefined && prices === undefined)
    throw new SealignError('usage', 'rollout start: --cost needs --prices, else nothing is counted', {
      hint: 'For example --prices 0.5,1.5: US dollars per million tokens read and written.',
    })
  return {
    kind: 'openai',
    baseUrl,
    model: args.model ?? config.get('model') ?? '',
    keyVariable: args.keyVariable,
    patienceSeconds: args.patience,
    ...(prices && { prices }),
  }
}

function pricesOf(text: string | undefined): { promptPerMillion: number; completionPerMillion: number } | undefined {
  if (text === undefined) return undefined
  const [promptPerMillion = Number.NaN, completionPerMillion = Number.NaN, ...rest] = text.split(',').map(Number)
  if (!(promptPerMillion >= 0) || !(completionPerMillion >= 0) || rest.length > 0)
    throw new SealignError('usage', `--prices ${JSON.stringify(text)}: expected two numbers with a comma between`, {
      hint: 'For example --prices 0.5,1.5: US dollars per million tokens read and written.',
    })
  return { promptPerMillion, completionPerMillion }
}
