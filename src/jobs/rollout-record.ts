import type { Beginning } from '../../sessions/growing.ts'
import { GrowingTrajectory } from '../../sessions/growing.ts'
import { AT_REST, type Rollout, type RolloutChange } from '../../sessions/rollouts.ts'
import type { Session } from '../../sessions/session.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Outcome } from '../domain/trajectory.ts'
import type { RolloutEnd, RolloutEvent } from '../rollout/events.ts'
import type { Ending } from '../../sessions/trajectories.ts'
import type { Verdict } from '../grading/verdict.ts'
import type { LiveBoard } from './live-board.ts'

/** What every Trajectory of a job says about where it comes from. */
export type Provenance = Pick<Beginning, 'model' | 'sampling' | 'repository'>

/** Stores what one attempt of a rollout tells: each Step in a transaction of its own, before the rollout goes on. */
export class RolloutRecord {
  readonly #session: Session
  readonly #board: LiveBoard
  readonly #rollout: Rollout
  readonly #provenance: Provenance
  #prompt: Pick<Beginning, 'prompt' | 'tools'> = { prompt: [] }
  #growing: GrowingTrajectory | undefined
  /** Step at which the newest loop was found. */
  #stuckAt = 0

  constructor(session: Session, board: LiveBoard, rollout: Rollout, provenance: Provenance) {
    this.#session = session
    this.#board = board
    this.#rollout = rollout
    this.#provenance = provenance
    if (rollout.trajectory !== undefined) this.#growing = GrowingTrajectory.resume(session, rollout.trajectory)
  }

  hear(event: RolloutEvent): void {
    const { id } = this.#rollout
    switch (event.type) {
      case 'phase':
        return this.#board.change(id, {
          phase: event.phase,
          phaseNote: event.note ?? null,
          activeMs: Date.now(),
          ...(event.phase === 'retry' && { liveKind: '', live: '' }),
        })
      case 'prompt':
        this.#prompt = { prompt: event.prompt, ...(event.tools && { tools: event.tools }) }
        return
      case 'delta':
        return this.#board.receive(id, event.channel === 'content' ? 'reply' : event.channel, event.text)
      case 'reply':
        return this.#board.change(id, { action: event.label, activeMs: Date.now() })
      case 'output':
        return this.#board.receive(id, 'output', event.text)
      case 'step':
        return this.#step(event)
      case 'stuck':
        this.#stuckAt = event.detection.to
        return this.#note(
          'stuck',
          { ...event.detection, effect: event.effect },
          {
            stuck: { ...event.detection, effect: event.effect },
          },
        )
      case 'nudge':
        return this.#note('nudge', { text: event.text, by: event.by, t: this.#growing?.steps ?? 0 })
      case 'patch':
        return this.#write({ patch: event.patch })
    }
  }

  /** The rollout is over; its Trajectory waits for a verdict, or enters the trees at once. */
  end(end: RolloutEnd, waitsForVerdict: boolean): void {
    const { id } = this.#rollout
    this.#board.silence(id)
    const change: RolloutChange = {
      ...this.#board.take(id),
      end: end.end,
      infrastructure: end.infrastructure ?? null,
      patch: end.patch ?? null,
      ...AT_REST,
    }
    if (waitsForVerdict) return this.#write({ ...change, state: 'grading' })
    this.#write(change)
    concludeRollout(this.#session, id, { state: end.end === 'cancelled' ? 'cancelled' : 'done' })
  }

  #step(event: StepEvent): void {
    const { id, job } = this.#rollout
    this.#board.silence(id)
    this.#session.record((revision) => {
      this.#growing ??= this.#begin()
      if (event.amends) this.#growing.amend(event.step)
      else this.#growing.append(event.step)
      this.#session.events.append(job, id, 'step', stepBody(event))
      this.#session.rollouts.change(
        id,
        {
          ...this.#board.take(id),
          trajectory: this.#growing.id,
          steps: this.#growing.steps,
          usage: event.usage,
          liveKind: '',
          live: '',
          activeMs: Date.now(),
          // A loop that was not seen again for two Steps is over.
          ...(this.#stuckAt > 0 && event.t > this.#stuckAt + 2 && { stuck: null }),
        },
        revision,
      )
    })
  }

  #begin(): GrowingTrajectory {
    const { id, job, task, run, attempt } = this.#rollout
    const beginning = { task, run: attempt === 1 ? run : `${run}.${attempt}`, ...this.#prompt, ...this.#provenance }
    return GrowingTrajectory.begin(this.#session, beginning, { path: `job:${job}/rollout:${id}`, attempt, rollout: id })
  }

  #note(kind: string, body: Parameters<Session['events']['append']>[3], change: RolloutChange = {}): void {
    const { id, job } = this.#rollout
    this.#session.record((revision) => {
      this.#session.events.append(job, id, kind, body)
      this.#session.rollouts.change(id, { ...change, activeMs: Date.now() }, revision)
    })
  }

  #write(change: RolloutChange): void {
    this.#session.record((revision) => this.#session.rollouts.change(this.#rollout.id, change, revision))
  }
}

type StepEvent = Extract<RolloutEvent, { type: 'step' }>

/** How a Step was drawn and where its time went: what a Trajectory itself does not hold. */
function stepBody({ t, timing, reply }: StepEvent): JsonObject {
  const { policyMs, commandMs, overheadMs } = timing
  const body = { t, policyMs: rounded(policyMs), commandMs: rounded(commandMs), overheadMs: rounded(overheadMs) }
  if (!reply) return body
  const { finish, tokens, estimated, logprobs, firstTokenMs } = reply
  return {
    ...body,
    finish,
    tokens: { ...tokens },
    ...(estimated && { estimated }),
    ...(firstTokenMs !== undefined && { firstTokenMs: rounded(firstTokenMs) }),
    ...(logprobs && { logprobs: logprobs.map((value) => Math.round(value * 1e4) / 1e4) }),
  }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}

/** How a rollout stands at its end. */
export interface Conclusion {
  readonly state: 'done' | 'cancelled'
  /** Default: `unknown`. */
  readonly outcome?: Outcome
  readonly infrastructure?: string
  readonly verdict?: { readonly key: string; readonly verdict: Verdict }
}

/** Ends a rollout and hands its Trajectory over to the trees, in one transaction. */
export function concludeRollout(session: Session, id: number, conclusion: Conclusion): void {
  const rollout = session.rollouts.get(id)
  if (!rollout) return
  const { state, outcome = 'unknown', verdict, infrastructure = rollout.infrastructure } = conclusion
  const { trajectory, usage, end = 'cancelled' } = rollout
  const patch = session.rollouts.patch(id)
  session.conclude(({ trees, rollouts }) => {
    if (verdict) session.verdicts.put(verdict.key, verdict.verdict)
    session.rollouts.change(
      id,
      {
        ...AT_REST,
        state,
        end,
        outcome,
        infrastructure: infrastructure ?? null,
        endedMs: Date.now(),
        activeMs: Date.now(),
        ...(verdict && { verdictKey: verdict.key }),
      },
      rollouts,
    )
    if (trajectory === undefined) return
    const ending: Ending = {
      outcome,
      end,
      promptTokens: usage.promptTokens,
      completionTokens: usage.completionTokens,
      ...(outcome !== 'unknown' && { outcomeSource: 'graded here' }),
      ...(infrastructure !== undefined && { infrastructure }),
      ...(patch !== undefined && { patch }),
      ...(usage.costUsd > 0 && { costUsd: usage.costUsd }),
    }
    session.trajectories.finish(trajectory, ending, trees)
  })
}
