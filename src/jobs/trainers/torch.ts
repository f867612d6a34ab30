import { existsSync } from 'node:fs'
import { SealignError } from '../../domain/errors.ts'
import { safeText } from '../../lib/safe-text.ts'
import type { RunEvent } from '../../training/run-event.ts'
import { EventLines, type Said } from '../../training/torch/event-lines.ts'
import { findPython } from '../../training/torch/python.ts'
import { leashedCommand } from '../../training/torch/trainer-command.ts'
import { pollGpus } from '../gpu-poll.ts'
import type { TorchTrainerSettings } from '../training-settings.ts'
import { LastWords } from '../../training/torch/last-words.ts'
import { RunFolder } from './run-folder.ts'
import type { Trainer, TrainerCall } from './trainer.ts'
import { type TrainerExit, TrainerProcess, trainersIn, untilNobodyTrains } from './trainer-process.ts'

/** How long a trainer that was asked to stop is waited for, milliseconds. */
export interface StopPatience {
  /** After the request in control.json: then SIGTERM, which asks for the same. */
  readonly termMs: number
  /** Without a word since then, or since its end: then SIGKILL. What it did after its last kept state is lost. */
  readonly killMs: number
}

/** A step of a large model may take a minute; writing all of its states many. */
const PATIENCE: StopPatience = { termMs: 60_000, killMs: 600_000 }
/** How often pause and stop are looked for, milliseconds. */
const LOOK_MS = 200
/** Processes that are left when the trainer itself has ended get this long. */
const LEFT_MS = 60_000

/** What a test may want otherwise. */
export interface TorchParts {
  readonly env?: NodeJS.ProcessEnv
  readonly patience?: StopPatience
  /** Between two looks at the GPUs. */
  readonly gpuEveryMs?: number
  /** Takes what the trainer writes to stderr; default: this process's own, a job's log. */
  readonly log?: (text: string) => void
}

/** Trains a language model: `sealign_trainer` in processes of its own (trainer/), which end with this one. */
export function torchTrainer(settings: TorchTrainerSettings, parts: TorchParts = {}): Trainer {
  return async (call) => {
    const { run, dataset, control, hear, past } = call
    if (dataset === undefined) throw new SealignError('bug', `run r${run.id} has no dataset`)
    const folder = new RunFolder(run.folder)
    const { patience = PATIENCE } = parts
    if (trainersIn(folder.path).length > 0) {
      const message = 'the trainer of a job that was lost still ends: waiting until it has kept its state'
      hear({ type: 'warning', message })
      if (!(await untilNobodyTrains(folder.path, patience.killMs, control.signal))) return
    }
    const heard = past()
    const missed = folder.missed(heard)
    for (const event of missed) hear(event)
    const last = missed.at(-1)
    if ((last?.type === 'end' && last.status === 'completed') || control.signal.aborted) return
    const { dropped } = folder.prepare(dataset, { run: `r${run.id}`, ...settings.training })
    if (heard.length === 0) for (const message of droppedWords(dropped)) hear({ type: 'warning', message })
    const python = await pythonOf(settings, parts.env ?? process.env)
    await new TorchTraining({ ...settings, python }, folder, call, { ...parts, patience }).run()
  }
}

/** The Python the Run was begun with, or another where it is gone: an environment may have been made anew elsewhere. */
async function pythonOf({ python }: TorchTrainerSettings, env: NodeJS.ProcessEnv): Promise<string> {
  return existsSync(python) ? python : (await findPython({ env })).path
}

/** `2 examples are in no tree: their calls cannot be written`, a line for each reason. */
function droppedWords(dropped: readonly { readonly reason: string }[]): string[] {
  return [...Map.groupBy(dropped, ({ reason }) => reason)].map(
    ([reason, { length }]) => `${length} ${length === 1 ? 'example is' : 'examples are'} in no tree: ${reason}`,
  )
}

/** One trainer's process from its start to its end. */
class TorchTraining {
  readonly #settings: TorchTrainerSettings
  readonly #folder: RunFolder
  readonly #call: TrainerCall
  readonly #parts: TorchParts & { readonly patience: StopPatience }
  readonly #lines = new EventLines()
  readonly #words: LastWords
  readonly #gpus = new AbortController()
  #process: TrainerProcess | undefined
  #end: RunEvent | undefined
  /** Why the job cannot go on; the trainer is stopped then. */
  #failure: unknown
  #isNoisy = false
  #stopMs: number | undefined
  #wordMs = Date.now()
  #sent: 'SIGTERM' | 'SIGKILL' | undefined

  constructor(
    settings: TorchTrainerSettings,
    folder: RunFolder,
    call: TrainerCall,
    parts: TorchParts & { readonly patience: StopPatience },
  ) {
    this.#settings = settings
    this.#folder = folder
    this.#call = call
    this.#parts = parts
    this.#words = new LastWords(parts.log ?? ((text) => process.stderr.write(text)))
  }

  async run(): Promise<void> {
    const { env = process.env, gpuEveryMs } = this.#parts
    this.#guide()
    const started = new TrainerProcess(
      leashedCommand(this.#settings, ['train', '--config', this.#folder.config], env),
      this.#folder.path,
      {
        stdout: (text) => this.#read(this.#lines.push(text)),
        stderr: (text) => this.#words.push(text),
      },
    )
    this.#process = started
    const timer = setInterval(() => this.#look(), LOOK_MS)
    const hear = (event: RunEvent): void => this.#hear(event)
    const polling = pollGpus(hear, this.#gpus.signal, { env, ...(gpuEveryMs !== undefined && { everyMs: gpuEveryMs }) })
    try {
      const exit = await started.ended
      this.#read(this.#lines.end())
      this.#gpus.abort()
      await Promise.all([polling, untilNobodyTrains(this.#folder.path, LEFT_MS)])
      this.#conclude(exit)
    } finally {
      this.#gpus.abort()
      clearInterval(timer)
    }
  }

  #read(said: readonly Said[]): void {
    for (const each of said) {
      this.#wordMs = Date.now()
      if (each.kind === 'event') this.#hear(each.event)
      else this.#hearNoise(each)
    }
  }

  /** Something else than the trainer may print: it is in the log, and worth one warning. */
  #hearNoise({ line, problem }: Extract<Said, { kind: 'malformed' }>): void {
    this.#words.push(`${line}\n`)
    if (this.#isNoisy) return
    this.#isNoisy = true
    this.#hear({
      type: 'warning',
      message: `a line of the trainer is no event (${problem}): ${safeText(line)}; more of them are only in the job’s log`,
    })
  }

  /** After the end nothing more is said of this process. */
  #hear(event: RunEvent): void {
    if (this.#end !== undefined || this.#failure !== undefined) return
    if (event.type === 'end') {
      this.#end = event
      this.#gpus.abort()
    }
    try {
      this.#call.hear(event)
    } catch (error) {
      this.#failure = error
    }
  }

  #look(): void {
    try {
      this.#guide()
    } catch (error) {
      this.#failure ??= error
    }
    this.#urge()
  }

  /** Passes on what is asked of the Run. */
  #guide(): void {
    const { control } = this.#call
    const stop = control.signal.aborted || this.#failure !== undefined
    if (stop) this.#stopMs ??= Date.now()
    this.#folder.ask({ pause: !stop && control.gate() !== undefined, stop })
  }

  /** A trainer that was asked to stop, or said that it ends, and does neither. */
  #urge(): void {
    const { termMs, killMs } = this.#parts.patience
    const askedMs = this.#stopMs ?? (this.#end === undefined ? undefined : this.#wordMs)
    if (askedMs === undefined || this.#sent === 'SIGKILL') return
    const now = Date.now()
    if (now - Math.max(askedMs, this.#wordMs) > killMs) this.#send('SIGKILL')
    else if (now - askedMs > termMs && this.#sent === undefined) this.#send('SIGTERM')
  }

  #send(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#sent = signal
    this.#process?.signal(signal)
  }

  /** @throws what made the job stop it; SealignError `trainer` when it ended without saying so. */
  #conclude(exit: TrainerExit): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#end !== undefined) return
    if (this.#stopMs === undefined) throw endedSilently(exit, this.#words)
    const how = this.#sent === 'SIGKILL' ? 'it was killed' : 'it ended without saying so'
    const message = `the trainer did not stop in good order (${how}): steps after its last kept state are done again`
    this.#call.hear({ type: 'warning', message })
  }
}

/** A launcher says of its ranks in words what a single process shows by its signal. */
const KILLED_RANK = /Signal 9 \(SIGKILL\)|exitcode *: -9\b/

function endedSilently({ code, signal }: TrainerExit, words: LastWords): SealignError {
  const said = words.quoted === '' ? '' : `; its last words: ${words.quoted}`
  if (signal === 'SIGKILL' || code === 137 || KILLED_RANK.test(words.tail))
    return new SealignError(
      'trainer',
      `the trainer was killed, most likely because this machine ran out of memory${said}`,
      {
        hint: 'Take a smaller --bin-tokens, or fewer --gpus; `sealign train resume` goes on from the last kept state.',
      },
    )
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`
  return new SealignError('trainer', `the trainer ended ${how} and did not say why${said}`, {
    hint: '`sealign job log` has everything it wrote; `sealign train resume` goes on from the last kept state.',
  })
}
