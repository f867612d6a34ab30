import type { TaskDefinition } from '../domain/task.ts'
import type { SandboxLabels, SandboxSpec } from '../sandbox/sandbox.ts'
import { withImage } from '../tasks/default-image.ts'
import type { RolloutJobSettings } from './rollout-settings.ts'

/** The Task as a job's Sandboxes need it. */
export function taskFor(task: TaskDefinition, { sandbox }: RolloutJobSettings): TaskDefinition {
  return sandbox.kind === 'docker' ? withImage(task, sandbox.image) : task
}

/** The Sandbox in which a Policy works on a Task. @param trusted - the Policy is our own. */
export function sandboxSpec(
  { environment }: TaskDefinition,
  { sandbox }: RolloutJobSettings,
  labels: SandboxLabels,
  trusted: boolean,
): SandboxSpec {
  const { image, workdir, files, variables } = environment
  const { cpus, memoryBytes, processes, diskBytes } = sandbox
  return {
    ...(image !== undefined && { image }),
    workdir,
    files,
    network: sandbox.network || environment.network,
    variables,
    limits: { cpus, memoryBytes, processes, diskBytes },
    labels,
    trusted,
  }
}
