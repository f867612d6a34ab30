import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/*
 * Stands for the trainer's Python: the job's side of the contract is tested with it. TRAINER_SCRIPT is a JSON list of what it does, in
 * order; asked for its packages (`-c`), it says that it has them.
 */

/** One thing a scripted trainer does. */
export type Act =
  /** Says events, on stdout and in events.jsonl. */
  | { readonly say: readonly object[] }
  /** Writes to stdout, in so many pieces. */
  | { readonly print: string; readonly pieces?: number }
  | { readonly complain: string }
  /** Optimizer steps from the kept state on, as control.json, SIGTERM and the leash allow. */
  | { readonly steps: number; readonly everyMs: number }
  /** Neither control.json nor SIGTERM ends it. */
  | { readonly deaf: 'control' | 'all' }
  /** Starts a process in a session of its own that does the same. */
  | { readonly child: true }
  | { readonly restMs: number }
  | { readonly exit: number }
  | { readonly kill: NodeJS.Signals }

const words = process.argv.slice(2)
if (words[0] === '-c') {
  const path = process.env['SEALIGN_PYTHON']
  process.stdout.write(`${JSON.stringify({ path, version: '3.11.7', torch: '2.13.0', cuda: null, gpus: [] })}\n`)
  process.exit(0)
}

const config = JSON.parse(readFileSync(words[words.indexOf('--config') + 1] ?? '', 'utf8')) as Config
interface Config {
  readonly run: string
  readonly folder: string
}
const events = join(config.folder, 'events.jsonl')
const state = join(config.folder, 'state.json')

writeFileSync(join(config.folder, 'words.json'), JSON.stringify(words))
let isStopping = false
process.on('SIGTERM', () => {
  writeFileSync(join(config.folder, 'term'), '')
  isStopping = true
})
process.stdin.on('end', () => (isStopping = true)).resume()
process.stdout.on('error', () => undefined)

for (const act of JSON.parse(process.env['TRAINER_SCRIPT'] ?? '[]') as Act[]) await play(act)
process.exit(0)

async function play(act: Act): Promise<void> {
  if ('say' in act) act.say.forEach(say)
  else if ('print' in act) await print(act.print, act.pieces ?? 1)
  else if ('complain' in act) process.stderr.write(act.complain)
  else if ('steps' in act) await train(act.steps, act.everyMs)
  else if ('deaf' in act) await rest(act.deaf)
  else if ('child' in act) startChild()
  else if ('restMs' in act) await sleep(act.restMs)
  else if ('exit' in act) process.exit(act.exit)
  else process.kill(process.pid, act.kill)
}

function say(event: object): void {
  const seq = existsSync(events) ? readFileSync(events, 'utf8').split('\n').length : 1
  const line = `${JSON.stringify({ v: 1, seq, t: Date.now() / 1000, run: config.run, ...event })}\n`
  appendFileSync(events, line)
  process.stdout.write(line)
}

async function print(text: string, pieces: number): Promise<void> {
  const length = Math.ceil(text.length / pieces)
  for (let at = 0; at < text.length; at += length) {
    process.stdout.write(text.slice(at, at + length))
    await sleep(20)
  }
}

async function train(steps: number, everyMs: number): Promise<void> {
  const from = existsSync(state) ? Number(readFileSync(state, 'utf8')) : 0
  say({
    type: 'start',
    stage: 'dpo',
    config: {},
    model: { id: 'scripted', params: 1 },
    data: { examples: steps, validation: 0, trajectories: 0, pairs: steps, dropped: [] },
    totalSteps: steps,
    epochs: 1,
    ...(from > 0 && { resume: { step: from } }),
  })
  for (let step = from + 1; step <= steps; step++) {
    while (asked().pause && !isStopping) await sleep(10)
    if (asked().stop || isStopping) {
      writeFileSync(state, String(step - 1))
      say({ type: 'end', status: 'stopped', best: [], seconds: 1 })
      process.exit(0)
    }
    await sleep(everyMs)
    say({ type: 'step', stage: 'dpo', step, epoch: 0, metrics: { loss: 1 / step }, batch: [], etaSeconds: null })
  }
  say({ type: 'end', status: 'completed', best: [], seconds: 1 })
}

function asked(): { readonly pause: boolean; readonly stop: boolean } {
  return JSON.parse(readFileSync(join(config.folder, 'control.json'), 'utf8')) as { pause: boolean; stop: boolean }
}

async function rest(deaf: 'control' | 'all'): Promise<void> {
  while (deaf === 'all' || !isStopping) await sleep(20)
  say({ type: 'end', status: 'stopped', best: [], seconds: 1 })
}

function startChild(): void {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  child.unref()
  writeFileSync(join(config.folder, 'child'), String(child.pid))
}
