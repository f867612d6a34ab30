import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { SealignError } from '../../domain/errors.ts'
import { setupHint, trainerFolder } from './trainer-folder.ts'

/** A cold machine reads a gigabyte of libraries from its disk first. */
const PROBE_MS = 180_000

const PROBE = `
import json, sys
if sys.version_info < (3, 11): sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0])
import torch, transformers, peft
gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
print(json.dumps({
  "path": sys.executable, "version": sys.version.split()[0], "torch": torch.__version__, "cuda": torch.version.cuda if gpus else None,
  "gpus": [{"name": p.name, "memoryBytes": p.total_memory} for p in map(torch.cuda.get_device_properties, range(gpus))],
}))
`

/** A Python that has the packages the trainer needs. */
export const TrainerPython = z.object({
  /** Absolute. */
  path: z.string(),
  version: z.string(),
  /** Of the package torch. */
  torch: z.string(),
  /** What torch computes with on the GPUs; null: there is no GPU it could use. */
  cuda: z.string().nullable(),
  gpus: z.array(z.object({ name: z.string(), memoryBytes: z.int() })),
})
export type TrainerPython = z.infer<typeof TrainerPython>

/** Where a Python may be named. */
export interface PythonPlaces {
  readonly env: NodeJS.ProcessEnv
  /** `--python`. */
  readonly named?: string | undefined
  /** The user setting `python`. */
  readonly setting?: string | undefined
}

/**
 * The Python that runs the trainer: the one that was named (`--python`, `SEALIGN_PYTHON`, the setting), else the first that works of
 * `trainer/.venv`, `$XDG_DATA_HOME/sealign/trainer-venv` and `python3`.
 * @param progress - told before something slow begins.
 * @throws SealignError `trainer` when the named one does not work, or none does; it says why not.
 */
export async function findPython(
  places: PythonPlaces,
  progress: (line: string) => void = () => undefined,
): Promise<TrainerPython> {
  const named = namedPython(places)
  const candidates = named === undefined ? usualPythons(places.env) : [named]
  const refused: string[] = []
  for (const candidate of candidates) {
    progress(`asking ${candidate} for torch, transformers and peft`)
    const found = await probe(candidate, places.env)
    if (typeof found !== 'string') return found
    refused.push(`${candidate}: ${found}`)
  }
  const message =
    named === undefined
      ? `no Python here has torch, transformers and peft (${refused.join('; ')})`
      : `this Python cannot run the trainer: ${refused.join('; ')}`
  throw new SealignError('trainer', message, { hint: setupHint() })
}

function namedPython({ env, named, setting }: PythonPlaces): string | undefined {
  return named ?? (env['SEALIGN_PYTHON'] || setting)
}

/** Those of our own making that exist, then the system's. */
function usualPythons(env: NodeJS.ProcessEnv): string[] {
  const data = env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share')
  const made = [join(trainerFolder(), '.venv'), join(data, 'sealign', 'trainer-venv')]
  return [...made.map((folder) => join(folder, 'bin', 'python')).filter((path) => existsSync(path)), 'python3']
}

const probed = new Map<string, Promise<TrainerPython | string>>()

/** What a Python has, or why it cannot be used; asked once per process. */
function probe(path: string, env: NodeJS.ProcessEnv): Promise<TrainerPython | string> {
  let answer = probed.get(path)
  if (answer === undefined) {
    answer = ask(path, env)
    probed.set(path, answer)
  }
  return answer
}

async function ask(path: string, env: NodeJS.ProcessEnv): Promise<TrainerPython | string> {
  try {
    // Not in the working directory, which may be a stranger's repository with a torch.py of its own.
    const options = { timeout: PROBE_MS, cwd: trainerFolder(), env: { ...env, PYTHONSAFEPATH: '1' } }
    const { stdout } = await promisify(execFile)(path, ['-c', PROBE], options)
    return TrainerPython.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
  } catch (error) {
    return whyNot(error)
  }
}

function whyNot(error: unknown): string {
  const { code, killed, stderr } = error as { code?: unknown; killed?: boolean; stderr?: string }
  if (killed === true) return `it did not answer within ${PROBE_MS / 60_000} minutes`
  if (code === 'ENOENT') return 'it is not there'
  if (code === 'EACCES') return 'it may not be run'
  return stderr?.trim().split('\n').at(-1) || 'it is no Python that answers'
}
