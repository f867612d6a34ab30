import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { StepDraft, TrajectoryDraft } from '../../src/domain/trajectory.ts'
import { miniSweAgent } from '../../src/importers/mini-swe-agent.ts'
import { actionLabel } from '../../src/tree/action-key.ts'
import type { Message } from '../../src/domain/message.ts'
import { rowCells, rowText } from '../../views/paint/row.ts'
import { RolloutsPane } from '../../views/rollouts/pane.ts'
import { DATA, draftsOf, filesBelow } from '../importers/source-files.ts'
import { PlainModel } from '../views/plain-model.ts'
import { rolloutRow } from '../views/rollouts/live-model.ts'

const FOLDER = join(DATA, 'mini-swe-agent-dev-x4', 'output')
const there = existsSync(FOLDER)

/** Recorded runs played back: every run has made its first `taken` steps. */
class Replay extends PlainModel {
  readonly drafts: readonly TrajectoryDraft[]
  #taken = 0

  constructor(drafts: readonly TrajectoryDraft[]) {
    super('replay')
    this.drafts = drafts
    this.play(0)
  }

  play(taken: number): void {
    this.#taken = taken
    this.setRollouts(
      this.drafts.map(({ task, steps, outcome }, id) => {
        const step = Math.min(taken, steps.length)
        const newest = steps[step - 1]
        return rolloutRow(id, {
          task,
          run: String(id),
          step,
          turns: steps.length,
          state: step === steps.length ? 'done' : 'running',
          outcome: step === steps.length ? outcome : 'unknown',
          action: newest === undefined ? '' : actionLabel(newest),
          ...(step > 0 && { trajectory: id }),
        })
      }),
    )
  }

  override step(trajectory: number, t: number): StepDraft | undefined {
    return t > this.#taken ? undefined : this.drafts[trajectory]?.steps[t - 1]
  }

  override stepCount(trajectory: number): number {
    return Math.min(this.#taken, this.drafts[trajectory]?.steps.length ?? 0)
  }

  override prompt(trajectory: number): readonly Message[] {
    return this.drafts[trajectory]?.prompt ?? []
  }
}

describe.skipIf(!there)(`recorded runs played back${there ? '' : ' (skipped: needs ../shared/data)'}`, () => {
  const files = there ? filesBelow(FOLDER, (name) => name.endsWith('.traj.json')).slice(0, 24) : []
  const model = new Replay(files.flatMap((path) => draftsOf(miniSweAgent, path)))
  const longest = Math.max(...model.drafts.map(({ steps }) => steps.length), 0)

  test('every step of every run is drawn at its time, at any width, without a control character', () => {
    expect(model.drafts.length).toBeGreaterThan(10)
    const faults: string[] = []
    for (const size of [
      { width: 60, height: 14 },
      { width: 118, height: 38 },
      { width: 200, height: 48 },
    ]) {
      const pane = new RolloutsPane(model)
      model.play(0)
      pane.run('open', size)
      for (let taken = 0; taken <= longest; taken += 3) {
        model.play(taken)
        const rows = pane.rows(size)
        const text = rows.map(rowText).join('')
        if (rows.length !== size.height) faults.push(`${taken}: ${rows.length} rows`)
        if (rows.some((row) => rowCells(row) > size.width)) faults.push(`${taken}: too wide`)
        if (/[\p{Cc}\p{Bidi_Control}]/u.test(text)) faults.push(`${taken}: control character`)
        if (taken > 0 && !text.includes(`step ${Math.min(taken, model.drafts[0]?.steps.length ?? 0)} of`))
          faults.push(`${taken}: head`)
        pane.run('rollout next', size)
        pane.rows(size)
        pane.run('rollout previous', size)
      }
    }
    expect(faults).toEqual([])
  })

  test('a whole run unfolded can be walked from its prompt to its end', () => {
    model.play(longest)
    const size = { width: 140, height: 40 }
    const pane = new RolloutsPane(model)
    for (const words of ['open', 'unfold all', 'cursor first']) pane.run(words, size)
    expect(pane.rows(size).map(rowText).join('\n')).toContain('prompt · ')
    const steps = model.drafts[0]?.steps.length ?? 0
    const seen = new Set<number>()
    for (let page = 0; page < 400 && !seen.has(steps); page++) {
      for (const row of pane.rows(size)) {
        const [, t] = /▾ +(\d+) /.exec(rowText(row)) ?? []
        if (t !== undefined) seen.add(Number(t))
      }
      pane.run('cursor half-page-down', size)
    }
    expect(seen.size).toBe(steps)
  })
})
