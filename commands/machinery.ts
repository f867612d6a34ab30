import { SealignError } from '../src/domain/errors.ts'
import type { TaskDefinition } from '../src/domain/task.ts'
import { embeddedWeights } from '../src/jobs/embedded-weights.ts'
import { createProvider } from '../src/jobs/machinery.ts'
import { isOwnPolicy, type PolicySettings, type RolloutJobSettings } from '../src/jobs/rollout-settings.ts'
import { sandboxSpec, taskFor } from '../src/jobs/sandbox-spec.ts'
import { openEndpoint } from '../src/policy/endpoint.ts'
import { readScript } from '../src/policy/script-file.ts'
import { readServerInfo } from '../src/policy/server-info.ts'
import type { CommandContext } from './define.ts'

type KeySource = Pick<CommandContext, 'env' | 'config'>

/** The key of a model server: the variable, else the setting of this machine; `undefined`: there is none. */
export function keyOf(settings: PolicySettings, { env, config }: KeySource): string | undefined {
  if (settings.kind !== 'openai') return undefined
  return env[settings.keyVariable] || config.get('apiKey')
}

/**
 * Asks server and sandbox for a sign of life, so that a job does not begin what cannot work: the Sandbox of the first Task is made
 * and closed. Fills in the model where the server has only one.
 * @throws SealignError that says what does not answer, and what to do.
 */
export async function checkMachinery(
  settings: RolloutJobSettings,
  first: TaskDefinition,
  context: CommandContext,
): Promise<RolloutJobSettings> {
  const policy = await checkedPolicy(settings.policy, context)
  await tryProvider(settings, first, isOwnPolicy(policy), context)
  return { ...settings, policy }
}

async function checkedPolicy(policy: PolicySettings, context: CommandContext): Promise<PolicySettings> {
  switch (policy.kind) {
    case 'scripted':
      await readScript(policy.script)
      return policy
    case 'embedded':
      await embeddedWeights(policy)
      return policy
    case 'collector':
      return policy
    case 'openai':
      return { ...policy, model: await knownModel(policy, context) }
  }
}

async function tryProvider(
  settings: RolloutJobSettings,
  first: TaskDefinition,
  trusted: boolean,
  { sessionPath, signal, progress }: Pick<CommandContext, 'sessionPath' | 'signal' | 'progress'>,
): Promise<void> {
  const provider = createProvider(settings.sandbox.kind)
  try {
    progress(await provider.describe())
    const labels = { session: sessionPath, job: 'check', role: 'check', task: first.id, run: '0' } as const
    const sandbox = await provider.create(sandboxSpec(taskFor(first, settings), settings, labels, trusted), signal)
    await sandbox.close()
  } finally {
    await provider.close()
  }
}

async function knownModel(
  settings: Extract<PolicySettings, { kind: 'openai' }>,
  context: CommandContext,
): Promise<string> {
  const key = keyOf(settings, context)
  const endpoint = openEndpoint({ baseUrl: settings.baseUrl, ...(key !== undefined && { key }) })
  context.progress(`asking ${endpoint.shown}`)
  const info = await readServerInfo(endpoint)
  const [only, ...others] = info?.models ?? []
  if (settings.model !== '') {
    if (!info)
      throw new SealignError('policy', `${endpoint.shown} does not answer, or not with a list of models`, {
        hint: `Start the server, check the address${key === undefined ? ` and whether it wants a key (${settings.keyVariable})` : ''}; --no-check begins without asking.`,
      })
    if (only && !info.models.some(({ id }) => id === settings.model))
      throw new SealignError('policy', `${endpoint.shown} has no model ${JSON.stringify(settings.model)}`, {
        hint: `It has: ${info.models
          .slice(0, 8)
          .map(({ id }) => id)
          .join(', ')}`,
      })
    return settings.model
  }
  if (only && others.length === 0) return only.id
  throw new SealignError('usage', 'rollout start: which model? --model is missing', {
    hint:
      info === undefined
        ? `${endpoint.shown} does not answer, so it cannot be asked.`
        : `It has: ${info.models
            .slice(0, 8)
            .map(({ id }) => id)
            .join(', ')}`,
  })
}
