import { setPriority } from 'node:os'
import { SealignError } from '../src/domain/errors.ts'
import { DiskReserve } from '../src/jobs/disk-reserve.ts'
import { jobLogPath } from '../src/jobs/launch.ts'
import { createMachinery } from '../src/jobs/machinery.ts'
import { RolloutJob } from '../src/jobs/rollout-job.ts'
import { RolloutJobSettings } from '../src/jobs/rollout-settings.ts'
import type { Trainer } from '../src/jobs/trainers/trainer.ts'
import type { TrainingJobSettings } from '../src/jobs/training-settings.ts'
import type { Job } from '../sessions/jobs.ts'
import { Session } from '../sessions/session.ts'
import { keyOf } from './machinery.ts'
import { Config } from './user-config.ts'

/** How far behind the screen a job stands when cores are short; 0–19, inherited by its sandboxes. */
const NICENESS = 5

/**
 * What the process of a job does (`sealign job run N --session PATH`, started by `rollout start` and `rollout resume`): works until the
 * job is done or somebody asks it to stop.
 * @returns the exit code.
 */
export async function runJob(words: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const [id = '', , path = ''] = words
  // The screen and the shell go first; what runs in sandboxes inherits this.
  setPriority(NICENESS)
  const stop = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => stop.abort())
  using session = Session.open(path)
  using reserve = new DiskReserve(`${jobLogPath(path, Number(id))}.reserve`)
  try {
    const job = session.jobs.get(Number(id))
    if (!job) throw new SealignError('not-found', `there is no job j${id} in ${path}`)
    await doJob(job, { session, reserve, env, signal: stop.signal })
    return 0
  } catch (error) {
    reserve.release()
    const known = error instanceof SealignError
    process.stderr.write(
      `${new Date().toISOString()} ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    )
    failJob(session, Number(id), error)
    return known ? error.exitCode : 70
  }
}

interface JobParts {
  readonly session: Session
  readonly reserve: DiskReserve
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

/** Does the work of a job's kind; each is loaded only when it is needed. */
async function doJob(job: Job, { session, reserve, env, signal }: JobParts): Promise<void> {
  const settings: unknown = JSON.parse(job.settings)
  switch (job.kind) {
    case 'rollout': {
      const rollouts = RolloutJobSettings.parse(settings)
      const machinery = await createMachinery(rollouts, keyOf(rollouts.policy, { env, config: new Config(env) }))
      await new RolloutJob(session, job.id, rollouts, machinery, reserve).run(signal)
      return
    }
    case 'training': {
      const [{ TrainingJob }, { TrainingJobSettings }] = await Promise.all([
        import('../src/jobs/training-job.ts'),
        import('../src/jobs/training-settings.ts'),
      ])
      const trainer = await trainerOf(TrainingJobSettings.parse(settings))
      await new TrainingJob(session, job.id, trainer, reserve).run(signal)
      return
    }
    case 'demo': {
      const { driveDemo } = await import('./demo-drive.ts')
      await driveDemo(session, job, {
        session: () => session,
        sessionPath: session.path,
        sessionNamed: true,
        config: new Config(env),
        env,
        signal,
        progress: () => undefined,
      })
      return
    }
  }
}

async function trainerOf(settings: TrainingJobSettings): Promise<Trainer> {
  switch (settings.trainer) {
    case 'embedded':
      return (await import('../src/jobs/trainers/embedded.ts')).embeddedTrainer(settings)
    case 'torch':
      return (await import('../src/jobs/trainers/torch.ts')).torchTrainer(settings)
    case 'external':
      return (await import('../src/jobs/trainers/external.ts')).externalTrainer(settings)
  }
}

/** A job that could not even begin says why. */
function failJob(session: Session, id: number, error: unknown): void {
  try {
    const job = session.jobs.get(id)
    if (job?.state === 'running' && job.owner === undefined)
      session.jobs.setState(id, 'failed', error instanceof Error ? error.message : String(error))
  } catch {
    // The store is what failed; the log has it.
  }
}
