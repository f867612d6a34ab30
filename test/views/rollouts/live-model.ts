import type { StepDraft } from '../../../src/domain/trajectory.ts'
import type { RolloutRow, StuckInfo } from '../../../views/model.ts'
import { actionLabel } from '../../../src/tree/action-key.ts'
import { PlainModel } from '../plain-model.ts'

const TASKS = ['dask__dask-9349', 'moto__moto-5865', 'pydantic__pydantic-8316', 'pandas-dev__pandas-53825']
const COMMANDS = [
  'find . -name core.py',
  'grep -rn "def store" dask',
  'pytest -x dask/array',
  'sed -n 1,80p core.py',
  'ls',
]
const WORDS = 'the array is empty so the mask must be checked before the chunks are made and then stored'.split(' ')
const TURNS = 30
/** Parts of a reply that arrive before its action runs. */
const PARTS = 12

/** One step as a text-form agent makes it. */
export function bashStep(command: string, output: string, exitCode = 0): StepDraft {
  return {
    reply: { role: 'assistant', content: `I will run ${command}.` },
    calls: [{ name: 'execute_bash', arguments: { command } }],
    thought: `I will run ${command}.`,
    observation: [{ role: 'user', content: output }],
    exitCode,
    durationMs: 320,
  }
}

/** A rollout of the live table, running unless said otherwise. */
export function rolloutRow(id: number, change: Partial<RolloutRow> = {}): RolloutRow {
  return {
    id,
    job: '7',
    task: TASKS[id % TASKS.length] ?? '',
    run: String(1 + Math.floor(id / TASKS.length)),
    state: 'running',
    outcome: 'unknown',
    step: 3,
    turns: TURNS,
    promptTokens: 9_000,
    completionTokens: 400,
    contextTokens: 4_200,
    contextLimit: 32_768,
    costUsd: 0.02,
    action: 'bash ls',
    model: 'qwen-32b',
    sandbox: 'docker',
    startedMs: Date.UTC(2026, 0, 1) - 65_000,
    activeMs: Date.UTC(2026, 0, 1) - 12_000,
    ...change,
  }
}

/** A rollout that waits for its turn. */
export function queuedRow(id: number): RolloutRow {
  const {
    startedMs: _,
    activeMs: __,
    ...row
  } = rolloutRow(id, {
    state: 'queued',
    step: 0,
    action: '',
    promptTokens: 0,
    completionTokens: 0,
    contextTokens: 0,
    costUsd: 0,
  })
  return row
}

/** A loop over the last four steps of ten. */
export const LOOP: StuckInfo = {
  rule: 'action-observation',
  from: 7,
  to: 10,
  period: 2,
  repeats: 2,
  says: 'execute_bash ls ×2, same output',
  effect: 'nudged',
}

/** Rollouts that live: replies stream in, steps are stored, some loop, some end and are judged. No randomness, no clock of its own. */
export class LiveModel extends PlainModel {
  readonly #steps = new Map<number, StepDraft[]>()
  #rows: readonly RolloutRow[]
  #ticks = 0

  constructor(count: number) {
    super('live')
    this.#rows = Array.from({ length: count }, (_, id) =>
      id % 9 === 8 ? queuedRow(id) : rolloutRow(id, { step: 0, action: '', contextTokens: 800 }),
    )
    for (const { id } of this.#rows) this.#steps.set(id, [])
    this.jobList = [
      {
        id: '7',
        state: 'running',
        policy: 'qwen-32b',
        sandbox: 'docker',
        done: 0,
        total: count,
        running: count,
        grading: 0,
        heartbeatMs: this.nowMs,
        server: { running: 12, waiting: 4, cacheUse: 0.87 },
      },
    ]
    this.setRollouts(this.#rows)
  }

  /** Lets `ms` milliseconds pass, in which every running rollout receives one more part of its reply. */
  tick(ms: number): void {
    this.nowMs += ms
    this.#ticks++
    this.#rows = this.#rows.map((row) => (row.state === 'running' ? this.#moved(row) : row))
    const done = this.#rows.filter(({ state }) => state === 'done').length
    this.jobList = this.jobList.map((job) => ({ ...job, done, running: job.total - done, heartbeatMs: this.nowMs }))
    this.setRollouts(this.#rows)
  }

  override step(trajectory: number, t: number): StepDraft | undefined {
    return this.#steps.get(trajectory)?.[t - 1]
  }

  override stepCount(trajectory: number): number {
    return this.#steps.get(trajectory)?.length ?? 0
  }

  override prompt(): ReturnType<PlainModel['prompt']> {
    return [
      { role: 'system', content: 'You are a software engineer.\nYou have a shell.' },
      { role: 'user', content: 'Mend the bug.' },
    ]
  }

  #moved(row: RolloutRow): RolloutRow {
    const part = (this.#ticks + row.id * 5) % PARTS
    const words = Array.from({ length: part * 8 }, (_, at) => WORDS[(at * 7 + row.step + row.id) % WORDS.length])
    this.details.set(row.id, {
      live: words.join(' '),
      liveKind: part === 0 ? 'output' : 'reply',
      nudges: [],
      patch: row.step < 4 ? '' : `--- a/core.py\n+++ b/core.py\n@@ -1 +1 @@\n-if x is None:\n+if x in (None, nan):\n`,
      attach: ['echo', 'shell'],
    })
    const moved = {
      ...row,
      phase: part === 0 ? 'execute' : 'query',
      activeMs: row.id % 7 === 3 ? (row.activeMs ?? 0) : this.nowMs,
    }
    return part === PARTS - 1 ? this.#stepped(moved) : moved
  }

  #stepped(row: RolloutRow): RolloutRow {
    const command = COMMANDS[(row.id % 5 === 4 && row.step > 6 ? 4 : row.step + row.id) % COMMANDS.length] ?? ''
    const step = bashStep(command, `${command}\nFAILED test_a - assert ${row.step}\n3 failed in 0.2 s`, row.step % 3)
    this.#steps.get(row.id)?.push(step)
    const taken = row.step + 1
    const after: RolloutRow = {
      ...row,
      step: taken,
      trajectory: row.id,
      action: actionLabel(step),
      promptTokens: row.promptTokens + 900 * taken,
      completionTokens: row.completionTokens + 180,
      contextTokens: 800 + 900 * taken,
      ...(row.id % 5 === 4 && taken >= 10 ? { stuck: LOOP } : {}),
    }
    if (taken < TURNS && (row.id % 4 !== 1 || taken < 14)) return after
    return this.#judged(after)
  }

  #judged(row: RolloutRow): RolloutRow {
    const outcome = row.id % 3 === 1 ? 'resolved' : 'unresolved'
    this.details.set(row.id, {
      live: '',
      liveKind: '',
      nudges: [],
      patch: '--- a/core.py\n+++ b/core.py\n',
      verdict: {
        outcome,
        reason: 'tests',
        says: outcome === 'resolved' ? 'All 3 tests pass.' : '1 of 3 tests fails.',
        failToPass: { total: 3, passed: outcome === 'resolved' ? 3 : 2 },
        passToPass: { total: 40, passed: 40 },
        failed: outcome === 'resolved' ? [] : ['test_core.py::test_a'],
        log: 'collected 43 items\n43 tests ran',
        seconds: 12.4,
      },
    })
    return { ...row, state: 'done', outcome, end: row.step < TURNS ? 'finished' : 'turn-limit', endedMs: this.nowMs }
  }
}
