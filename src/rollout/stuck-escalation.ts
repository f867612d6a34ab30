import type { StuckReport } from './stuck.ts'
import type { StuckFinding } from './stuck-finding.ts'
import { nudgeFor } from './stuck-words.ts'

/** How findings turn into effects; see `StuckOptions`. */
export interface EscalationSettings {
  /** Rounds beyond the threshold before a stop; `undefined`: the threshold again. */
  readonly again: number | undefined
  readonly nudges: number
  readonly upTo: 'flag' | 'nudge' | 'stop'
}

/**
 * Flag, nudge once, stop. A loop lasts as long as each newest Step is part of some rule's loop: its first Step nudges,
 * the following ones flag, and it is stopped when one rule has seen its threshold and `again` rounds more. Once a Step is part of
 * none, the Policy has recovered: a later loop begins at its first round, and has a nudge of its own while there are any.
 */
export class Escalation {
  readonly #settings: EscalationSettings
  #given = 0
  #nudged = false

  constructor(settings: EscalationSettings) {
    this.#settings = settings
  }

  /** @param findings - of the newest Step; none when it is part of no loop. */
  next(findings: readonly StuckFinding[]): StuckReport | undefined {
    const worst = worstOf(findings)
    if (worst === undefined) {
      this.#nudged = false
      return undefined
    }
    const { detection } = worst
    const { upTo, nudges } = this.#settings
    const mayNudge = upTo !== 'flag' && this.#given < nudges
    if (upTo === 'stop' && (findings.some((finding) => this.#isOver(finding)) || (!this.#nudged && !mayNudge)))
      return { detection, effect: 'stopped' }
    if (this.#nudged || !mayNudge) return { detection, effect: 'flagged' }
    this.#nudged = true
    this.#given++
    return { detection, effect: 'nudged', nudge: nudgeFor(worst) }
  }

  /** Nudges already given still count. */
  reset(): void {
    this.#nudged = false
  }

  #isOver({ detection, threshold }: StuckFinding): boolean {
    return detection.repeats >= threshold + (this.#settings.again ?? threshold)
  }
}

/** The finding that is furthest beyond its threshold; the first of equals. */
function worstOf(findings: readonly StuckFinding[]): StuckFinding | undefined {
  let worst: StuckFinding | undefined
  for (const finding of findings) if (worst === undefined || excess(finding) > excess(worst)) worst = finding
  return worst
}

const excess = ({ detection, threshold }: StuckFinding): number => detection.repeats / threshold
