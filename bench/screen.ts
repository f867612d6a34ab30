import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { bundleProgram } from '../test/terminal/bundle.ts'
import { type Percentiles, percentiles, round } from './percentiles.ts'
import { FRAME_END, Screen } from './pty-screen.ts'

/** What the screen costs, through a real pseudo-terminal of 200×50 cells, over a tree of a million nodes. */
export interface ScreenFigures {
  /** Key written → frame read back; `loaded`: while 16 sources change the screen at 10 Hz each. */
  readonly keyToFrameMs: Percentiles
  readonly loadedKeyToFrameMs: Percentiles
  /** Process start → first complete frame (10,000 nodes), median. */
  readonly startMs: number
  /** Processor time and terminal output under the 16 sources, no keys. */
  readonly cpuPercent: number
  readonly kBps: number
  readonly rssMb: number
}

const KEYS = 500
const LOADED_KEYS = 300
const STARTS = 9
const LOAD_MS = 6_000
const NODES = 1_000_000

/** Measures the screen (targets: design rules for speed in docs/architecture.md). */
export async function run(): Promise<ScreenFigures> {
  const program = await bundleProgram('bench/programs/million-nodes.ts')
  try {
    const idle = await measureKeys(program, 0, KEYS)
    const loaded = await measureKeys(program, 16, LOADED_KEYS)
    const load = await measureLoad(program)
    const starts: number[] = []
    for (let run = 0; run < STARTS; run++) starts.push(await measureStart(program))
    return {
      keyToFrameMs: percentiles(idle.times),
      loadedKeyToFrameMs: percentiles(loaded.times),
      startMs: percentiles(starts).p50,
      ...load,
      rssMb: idle.rssMb,
    }
  } finally {
    rmSync(dirname(program), { recursive: true, force: true })
  }
}

async function openTree(program: string, streams: number): Promise<Screen> {
  const screen = new Screen(program, [String(NODES), String(streams)])
  await screen.until((since) => since.includes('generated') && since.includes(FRAME_END))
  await screen.press('\r', (since) => since.includes('BBBBBBBB'))
  await screen.press('E', (since) => since.includes('CCCCCCCC'))
  return screen
}

async function measureKeys(
  program: string,
  streams: number,
  keys: number,
): Promise<{ readonly times: number[]; readonly rssMb: number }> {
  const screen = await openTree(program, streams)
  const times: number[] = []
  for (let key = 0; key < keys + 50; key++) {
    const mark = String.fromCharCode(0x41 + ((key + 3) % 26)).repeat(8)
    const ms = await screen.press(
      key % 10 === 9 ? '\u0004' : 'j',
      (since) => since.includes(mark) && since.includes(FRAME_END, since.indexOf(mark)),
    )
    // The first keys warm the compiler up, as a person's first seconds do.
    if (key >= 50) times.push(ms)
    await pause(streams === 0 ? 4 : 20)
  }
  const { rssMb } = screen.usage()
  await screen.close()
  return { times, rssMb }
}

async function measureLoad(program: string): Promise<Pick<ScreenFigures, 'cpuPercent' | 'kBps'>> {
  const screen = await openTree(program, 16)
  await pause(2_000)
  const [before, bytes] = [screen.usage(), screen.bytes]
  await pause(LOAD_MS)
  const after = screen.usage()
  const kBps = (screen.bytes - bytes) / LOAD_MS
  await screen.close()
  return { cpuPercent: round(((after.cpuSeconds - before.cpuSeconds) * 100_000) / LOAD_MS), kBps: round(kBps) }
}

async function measureStart(program: string): Promise<number> {
  const started = performance.now()
  const screen = new Screen(program, ['10000', '0'])
  await screen.until((since) => since.includes('generated') && since.includes(FRAME_END, since.indexOf('generated')))
  const ms = performance.now() - started
  await screen.close()
  return ms
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await run())}\n`)
