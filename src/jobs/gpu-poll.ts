import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { RunEvent } from '../training/run-event.ts'

/** How often GPUs are looked at, milliseconds. */
const POLL_MS = 5000
/** An nvidia-smi that takes longer has lost its driver. */
const PATIENCE_MS = 10_000
const MIB = 1024 * 1024

const FIELDS = [
  'index',
  'name',
  'utilization.gpu',
  'memory.used',
  'memory.total',
  'temperature.gpu',
  'power.draw',
  'power.limit',
] as const

type GpuEvent = Extract<RunEvent, { type: 'gpu' }>

/**
 * Says what this machine's GPUs do, at once and then every so often, until the signal. Without nvidia-smi, or with one that fails,
 * nothing is said and nothing is asked again.
 */
export async function pollGpus(
  hear: (event: GpuEvent) => void,
  signal: AbortSignal,
  { env = process.env, everyMs = POLL_MS }: { readonly env?: NodeJS.ProcessEnv; readonly everyMs?: number } = {},
): Promise<void> {
  while (!signal.aborted) {
    const gpus = await askGpus(env, signal)
    if (gpus === undefined || signal.aborted) return
    hear({ type: 'gpu', gpus })
    await sleep(everyMs, undefined, { signal }).catch(() => undefined)
  }
}

async function askGpus(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<GpuEvent['gpus'] | undefined> {
  try {
    const words = [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits']
    const { stdout } = await promisify(execFile)('nvidia-smi', words, { env, signal, timeout: PATIENCE_MS })
    const gpus = readGpus(stdout)
    return gpus.length === 0 ? undefined : gpus
  } catch {
    return undefined
  }
}

/** What nvidia-smi printed, a line for each GPU; `[N/A]` and the like are null. */
export function readGpus(text: string): GpuEvent['gpus'] {
  return text.split('\n').flatMap((line) => {
    const [index = '', name = '', ...figures] = line.split(',').map((word) => word.trim())
    if (!/^\d+$/.test(index)) return []
    const [utilization = null, used = null, total = null, temperature = null, power = null, powerLimit = null] =
      figures.map(figure)
    const memoryUsedBytes = used === null ? null : used * MIB
    const memoryTotalBytes = total === null ? null : total * MIB
    return [
      { index: Number(index), name, utilization, memoryUsedBytes, memoryTotalBytes, temperature, power, powerLimit },
    ]
  })
}

function figure(word: string): number | null {
  const number = word === '' ? Number.NaN : Number(word)
  return Number.isFinite(number) ? number : null
}
