import type { EvaluationSummary } from '../../src/evaluation/report.ts'
import type { RolloutFacts } from '../../src/evaluation/rollout-facts.ts'
import { safeText } from '../../src/lib/safe-text.ts'
import { type Row, span, wrapRows } from '../paint/row.ts'
import { counted, tokensText } from '../rollouts/figures.ts'
import { standing } from './task-table.ts'

const MAX_TEXT = 300

/** The chosen rollout of a Task in an Evaluation in words: how it ended, what the metrics say of it, and the signs of failure by step. */
export function rolloutRows(
  evaluation: EvaluationSummary,
  rollouts: readonly RolloutFacts[],
  at: number,
  width: number,
): Row[] {
  const facts = rollouts[at]
  const name = safeText(evaluation.name, MAX_TEXT)
  if (facts === undefined) {
    const says = evaluation.state === 'running' ? 'has not ended it yet' : 'did not roll it out'
    return [[{ text: safeText(` ${name} ${says}`), style: 'muted' }]]
  }
  const which = rollouts.length > 1 ? ` ${at + 1} of ${rollouts.length} ([ ] others)` : ''
  const { mark, style } = standing(facts)
  const head: Row = [
    { text: safeText(` ${name}: rollout ${facts.rollout}${which} `), style: 'bold' },
    span(`${mark} ${facts.outcome}`, style),
  ]
  return [head, ...measureRows(facts, width), ...signRows(facts)]
}

function measureRows(facts: RolloutFacts, width: number): Row[] {
  const { infrastructure, end, turns, tokens, emptyPatch, stuck, invalidCalls } = facts
  if (infrastructure !== undefined)
    return wrapRows(safeText(` left out of every rate: ${infrastructure}`, MAX_TEXT), width, 'error')
  const measures = [
    ...(emptyPatch ? ['empty patch'] : []),
    ...(stuck ? ['stuck'] : []),
    ...(invalidCalls > 0 ? [counted(invalidCalls, 'invalid call')] : []),
  ]
  return [
    [
      span(` ${end} · ${counted(turns, 'turn')} · ${tokensText(tokens)} tokens`, 'muted'),
      span(measures.map((text) => ` · ${text}`).join(''), 'warn'),
    ],
  ]
}

function signRows({ signs }: RolloutFacts): Row[] {
  return signs.map(
    ({ kind, step, says }): Row => [
      span(`   step ${String(step).padStart(3)}  `, 'muted'),
      span(`${kind}: `, 'bold'),
      { text: safeText(says, MAX_TEXT), style: 'plain' },
    ],
  )
}
