import { openEndpoint } from '../policy/endpoint.ts'
import { createOpenAiPolicy } from '../policy/openai.ts'
import type { Policy } from '../policy/policy.ts'
import { readScript } from '../policy/script-file.ts'
import { createScriptedPolicy } from '../policy/scripted.ts'
import { MetricsReader } from '../policy/server-metrics.ts'
import { nativeFormat } from '../rollout/call-format/native-format.ts'
import { textFormat } from '../rollout/call-format/text-format.ts'
import { createOpenHandsProfile } from '../rollout/openhands-profile.ts'
import type { Profile } from '../rollout/profile.ts'
import { createStagedProfile } from '../rollout/staged-profile.ts'
import { createDockerProvider } from '../sandbox/docker.ts'
import { createLocalProvider } from '../sandbox/local.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import { embeddedWeights } from './embedded-weights.ts'
import type { JobMachinery } from './rollout-job.ts'
import { type PolicySettings, policyName, type RolloutJobSettings } from './rollout-settings.ts'

/** Makes what a job works with. @param key - of the model server; `undefined`: it needs none. */
export async function createMachinery(settings: RolloutJobSettings, key: string | undefined): Promise<JobMachinery> {
  return {
    policyOf: await policySource(settings.policy, key),
    provider: createProvider(settings.sandbox.kind),
    profile: createProfile(settings),
    serverFigures: serverFigures(settings.policy, key),
  }
}

export function createProvider(kind: RolloutJobSettings['sandbox']['kind']): SandboxProvider {
  return kind === 'docker' ? createDockerProvider() : createLocalProvider()
}

async function policySource(settings: PolicySettings, key: string | undefined): Promise<JobMachinery['policyOf']> {
  switch (settings.kind) {
    case 'scripted': {
      const script = await readScript(settings.script)
      return (task, run) => createScriptedPolicy(script, { task, run: run - 1, source: settings.script })
    }
    case 'embedded': {
      const [{ createEmbeddedPolicy }, weights] = await Promise.all([
        import('../policy/embedded/embedded-policy.ts'),
        embeddedWeights(settings),
      ])
      const { seed } = settings
      return (_task, run) => createEmbeddedPolicy({ weights, seed, model: policyName(settings), run })
    }
    case 'collector': {
      const { createCollectorPolicy } = await import('../policy/embedded/collector.ts')
      const { seed, mistakes } = settings
      return (_task, run) => createCollectorPolicy({ seed, run, ...(mistakes !== undefined && { mistakes }) })
    }
    case 'openai': {
      const policy = openAiPolicy(settings, key)
      return () => policy
    }
  }
}

function openAiPolicy(settings: Extract<PolicySettings, { kind: 'openai' }>, key: string | undefined): Policy {
  const { baseUrl, model, prices, contextTokens, patienceSeconds } = settings
  const patienceMs = patienceSeconds * 1000
  return createOpenAiPolicy({
    baseUrl,
    model,
    ...(key !== undefined && { key }),
    ...(prices && { prices }),
    ...(contextTokens !== undefined && { contextTokens }),
    retry: { busyPatienceMs: patienceMs, downPatienceMs: Math.min(patienceMs, 120_000) },
  })
}

function createProfile({ profile, format }: RolloutJobSettings): Profile {
  const calls = format === 'native' ? nativeFormat : textFormat
  return profile === 'staged' ? createStagedProfile(calls) : createOpenHandsProfile(calls)
}

function serverFigures(settings: PolicySettings, key: string | undefined): JobMachinery['serverFigures'] {
  if (settings.kind !== 'openai') return () => Promise.resolve(undefined)
  const { baseUrl } = settings
  const reader = new MetricsReader(openEndpoint({ baseUrl, ...(key !== undefined && { key }) }))
  return async () => {
    const figures = await reader.read()
    return figures && JSON.stringify(figures)
  }
}
