import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * What the torch trainer saves by training trees as trees, against padded pairs (TRL's DPOTrainer) and pair sharing; targets:
 * ≥ 8 × fewer tokens than padded pairs on MINT, ≥ 4 × at the paper's shape, and in wall time ≥ 70 % of either.
 */
export interface TrainerFigures {
  /** Padded pairs over trees: tokens without padding, and time of a forward and backward pass over a sample of the pairs. */
  readonly tokensRatio: number
  readonly timeRatio: number
  /** The same for one row per pair, `prompt | chosen | rejected`, over trees. */
  readonly pairSharingTokensRatio: number
  readonly pairSharingTimeRatio: number
  /** Largest difference of a mean loss from ours, and of a gradient relative to ours (float32). */
  readonly lossDiff: number
  readonly gradDiff: number
  /** MINT first; then its other exports, and sets of the paper's shape. */
  readonly sets: readonly object[]
}

const MINT = '../shared/data/mint-humaneval'
/** Where `npm run setup:trainer` and CI put Python. */
const VENV = 'trainer/.venv/bin/python'

/** Real trees of MINT where they are there, and generated ones. With `full` every pair of MINT is timed (half an hour). */
export async function run(options: { readonly full: boolean }): Promise<TrainerFigures> {
  execFileSync(process.execPath, ['.ci/build.mjs'])
  const folder = mkdtempSync(join(tmpdir(), 'sealign-bench-trainer-'))
  try {
    const trees = existsSync(MINT) ? mintTrees(folder) : []
    if (trees.length === 0) console.error(`${MINT} is not there: only generated trees are measured`)
    const sizes = options.full ? ['--tokens', '1500000'] : []
    return compared([...trees, ...sizes])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `bench.cpu`'s flag of an export, and the switches of `sealign export trees` that make it. */
const EXPORTS = {
  '--mint': ['--merge', 'call', '--prefix', 'shared'],
  '--mint-chosen': ['--merge', 'call', '--prefix', 'chosen'],
  '--mint-strict': ['--merge', 'strict', '--prefix', 'chosen'],
}

/**
 * Exports the trees of every run in MINT but the single-turn ones, unfiltered as in docs/log.md: merged by call, whose pairs
 * past a threshold of 0.5 are the 380, and merged by raw text and observation.
 */
function mintTrees(folder: string): string[] {
  const session = ['--session', join(folder, 'mint.db')]
  sealign(folder, ['import', resolve(MINT), '--exclude', 'max1*', ...session])
  return Object.entries(EXPORTS).flatMap(([flag, switches]) => {
    const out = join(folder, flag)
    sealign(folder, ['export', 'trees', '--pairs', 'undecided', '--no-filter', ...switches, '--out', out, ...session])
    return [flag, join(out, 'trees.jsonl')]
  })
}

function sealign(folder: string, words: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, ['dist/sealign.js', ...words, '--json'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  })
  if (status !== 0) throw new Error(`sealign ${words[0]}: exit code ${status}: ${stderr}`)
}

function compared(words: readonly string[]): TrainerFigures {
  const { status, stdout } = spawnSync(python(), ['-m', 'bench.cpu', ...words], {
    cwd: 'trainer',
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`bench.cpu: exit code ${status}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as TrainerFigures
}

function python(): string {
  const named = process.env['SEALIGN_PYTHON']
  if (named) return named
  if (existsSync(VENV)) return resolve(VENV)
  throw new Error(`${VENV} is not there: run npm run setup:trainer, or set SEALIGN_PYTHON`)
}
