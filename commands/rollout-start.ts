import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { EXIT_CODES, SealignError } from '../src/domain/errors.ts'
import type { PolicySettings, RolloutJobSettings } from '../src/jobs/rollout-settings.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { DEFAULT_ROLLOUT_LIMITS } from '../src/rollout/limits.ts'
import { STUCK_POLICIES, STUCK_RULES } from '../src/rollout/stuck.ts'
import { DEFAULT_SANDBOX_LIMITS } from '../src/sandbox/sandbox.ts'
import type { Session } from '../sessions/session.ts'
import type { TaskRow } from '../sessions/task-definitions.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { startJob, type ShownJob } from './job.ts'
import { waitForJob } from './job-wait.ts'
import { checkMachinery } from './machinery.ts'
import { importTasks } from './task.ts'
import { selectTasks } from './task-selection.ts'
import { count } from './table.ts'

const GIB = 1024 ** 3

/** Arguments that decide how rollouts are made. */
const ARGS = z.object({
  tasks: z
    .array(z.string())
    .describe('sets, tasks, repositories, beginnings with a star, all; or files of rows, which are imported first'),
  runs: z.int().min(1).max(1000).default(4).describe('rollouts of each task'),
  limit: z.int().min(1).optional().describe('only the first so many of the chosen tasks'),
  policy: z.enum(['openai', 'scripted']).default('openai').describe('where replies come from'),
  baseUrl: z
    .string()
    .optional()
    .describe('an OpenAI-compatible server, e.g. http://127.0.0.1:8000/v1 (default: setting baseUrl)'),
  model: z.string().optional().describe('model to ask for (default: setting model, else the only one the server has)'),
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
  without: z
    .array(z.enum(STUCK_RULES))
    .optional()
    .describe('switch one rule off, e.g. cycle; may be given several times'),
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
type StartArgs = z.output<typeof ARGS>

export const rolloutStart = defineCommand({
  name: 'rollout start',
  summary: 'Roll a policy out on tasks, several times each, in a job of its own',
  example: 'sealign rollout start --tasks humanevalfix-js --runs 4 --base-url http://127.0.0.1:8000/v1 --model qwen',
  args: ARGS,
  async run(args, context) {
    const session = context.session({ create: true })
    const tasks = await chosenTasks(session, args, context)
    const settings = await settingsOf(args, context)
    const job = session.record((revision) => createJob(session, settings, tasks, args.runs, revision))
    startJob(session, job, context.env)
    const started = { session: session.name, job: `j${job}`, tasks: tasks.length, rollouts: tasks.length * args.runs }
    if (!args.wait) return { ...started, ended: undefined }
    const ended = await waitForJob(session, job, context)
    return { ...started, ended, exitCode: exitCodeOf(ended, context.signal) }
  },
  text: ({ job, tasks, rollouts, ended }) =>
    ended
      ? endText(ended)
      : `${job} started: ${count(rollouts, 'rollout')} of ${count(tasks, 'task')}. \`sealign\` shows them live, \`sealign job stop ${job}\` ends them in good order.`,
  json: ({ session, job, tasks, rollouts, ended }) => ({ session, job, tasks, rollouts, ...(ended && { ended }) }),
})

/** One line about a job that was waited for. */
export function endText(job: ShownJob): string {
  const failed = job.infrastructure > 0 ? `, ${job.infrastructure} failed without the policy’s fault` : ''
  const note = job.note === undefined ? '' : `: ${safeText(job.note)}`
  return `${job.job} ${job.state}${note}. ${job.done} of ${count(job.total, 'rollout')} done, ${job.resolved} resolved${failed}.`
}

export function exitCodeOf(job: ShownJob, signal: AbortSignal): number {
  if (signal.aborted) return 130
  if (job.state === 'failed') return EXIT_CODES.store
  return job.state === 'paused' && job.note !== undefined ? EXIT_CODES.policy : 0
}

/** The tasks that `--tasks` means; words that are files are imported first. */
async function chosenTasks(session: Session, { tasks, limit }: StartArgs, context: CommandContext): Promise<TaskRow[]> {
  const files = tasks.filter((word) => /[/.]/.test(word) && existsSync(word))
  const before = new Set(session.taskDefinitions.list().map(({ task }) => task))
  if (files.length > 0) await importTasks(session, files, undefined, context)
  const words = tasks.filter((word) => !files.includes(word))
  const list = session.taskDefinitions.list()
  const imported = files.length > 0 ? list.filter(({ task }) => !before.has(task) || words.length === 0) : []
  const chosen = new Set([...imported, ...(words.length > 0 ? selectTasks(list, words) : [])])
  const ordered = list.filter((row) => chosen.has(row)).slice(0, limit)
  if (ordered.length === 0)
    throw new SealignError('not-found', `${files.join(', ')} holds no task that can be rolled out`, {
      hint: 'sealign task import says what is wrong with each row.',
    })
  return ordered
}

async function settingsOf(args: StartArgs, context: CommandContext): Promise<RolloutJobSettings> {
  const policy = policySettings(args, context)
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
    stuck: { policy: args.stuck, rules: Object.fromEntries((args.without ?? []).map((rule) => [rule, false])) },
    grading: { enabled: args.grade, staged: args.staged, concurrency: args.graders },
    concurrency: args.concurrency,
  }
  return args.check ? await checkMachinery(settings, context) : settings
}

function policySettings(args: StartArgs, { config }: CommandContext): PolicySettings {
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

/** Rows of a job, inside a transaction; run by run, so that every task has its first rollout early. */
function createJob(
  session: Session,
  settings: RolloutJobSettings,
  tasks: readonly TaskRow[],
  runs: number,
  revision: number,
): number {
  const job = session.jobs.create(JSON.stringify(settings))
  const earlier = new Map(tasks.map(({ task }) => [task, session.rollouts.runsOf(task)]))
  for (let run = 1; run <= runs; run++)
    for (const { task } of tasks) session.rollouts.add(job, task, String((earlier.get(task) ?? 0) + run), revision)
  return job
}
