import { delimiter } from 'node:path'
import { trainerFolder } from './trainer-folder.ts'

/** A call of the trainer's program. */
export interface TrainerCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** How `sealign_trainer` is called with such words: `plan --config FILE`. */
export function trainerCommand(python: string, words: readonly string[], env: NodeJS.ProcessEnv): TrainerCommand {
  return { program: python, args: ['-m', 'sealign_trainer', ...words], env: trainerEnv(env) }
}

/**
 * How a job calls it: on a leash (trainer/sealign_trainer/leash.py), so that it ends in good order when the job is gone. Several
 * processes are started by `torch.distributed.run`, each on the same leash.
 */
export function leashedCommand(
  { python, processes }: { readonly python: string; readonly processes: number },
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): TrainerCommand {
  const own = ['-m', 'sealign_trainer.leash', ...words]
  const launcher = ['-m', 'torch.distributed.run', '--standalone', `--nproc-per-node=${processes}`]
  return { program: python, args: processes > 1 ? [...launcher, ...own] : own, env: trainerEnv(env) }
}

/** The package is found beside this program; nothing is imported from the working directory. */
function trainerEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const path = [trainerFolder(), ...(env['PYTHONPATH'] ? [env['PYTHONPATH']] : [])].join(delimiter)
  return { ...env, PYTHONPATH: path, PYTHONSAFEPATH: '1', PYTHONUNBUFFERED: '1' }
}
