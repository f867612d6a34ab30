import type { RunFigures, StepFigures } from '../run-model.ts'
import { figureText } from '../paint/figure-text.ts'

/** Something a person should know of a Run, in plain words. */
export interface Finding {
  readonly kind: 'good' | 'warn'
  readonly text: string
  /** The same in two words, where something else needs the room. */
  readonly badge?: string
}

/** Where the loss of DPO begins: policy and reference are the same, so −log σ(0) (paper eq. 5). */
const LN2 = Math.LN2
const LN2_WITHIN = 1e-3
/** Newest DPO steps that are looked at together, and the fewest that say something. */
const WINDOW = 10
const FEWEST = 5
/** A chosen reward this far below 0, as a part of the margin, is no noise. */
const FALL = 0.1

/** One answer per figures: they are other objects after the trainer said more. */
const known = new WeakMap<RunFigures, readonly Finding[]>()

/** What the figures of a Run say beyond their numbers, then the trainer's own warnings, newest first. */
export function findingsOf(figures: RunFigures): readonly Finding[] {
  let findings = known.get(figures)
  if (findings === undefined) {
    findings = [
      ...startOfDpo(figures),
      ...bothFall(figures),
      ...wrong(figures),
      ...spikes(figures),
      ...lossless(figures),
      ...said(figures),
    ]
    known.set(figures, findings)
  }
  return findings
}

function startOfDpo({ steps }: RunFigures): Finding[] {
  const first = steps.find(({ stage, step, metrics }) => stage === 'dpo' && step <= 1 && lossOf(metrics) !== undefined)
  const loss = first === undefined ? undefined : lossOf(first.metrics)
  if (loss === undefined) return []
  if (Math.abs(loss - LN2) < LN2_WITHIN)
    return [{ kind: 'good', badge: 'ln 2', text: `dpo starts at ln 2 (${figureText(loss)})` }]
  return [
    {
      kind: 'warn',
      text: `dpo starts at ${figureText(loss)}, not at ln 2 = 0.6931: its policy is not its reference, or pairs are masked wrongly`,
    },
  ]
}

function lossless({ lossless: steps }: RunFigures): Finding[] {
  const last = steps.at(-1)
  if (last === undefined) return []
  const text =
    steps.length === 1
      ? `step ${last} had no finite loss`
      : `${steps.length} steps had no finite loss, last step ${last}`
  return [{ kind: 'warn', text }]
}

function spikes({ spikes: found }: RunFigures): Finding[] {
  const last = found.at(-1)
  if (last === undefined) return []
  const loss = `loss ${figureText(last.loss)} after a median of ${figureText(last.median)}`
  const text =
    found.length === 1
      ? `the loss of step ${last.x} stands out`
      : `the loss of ${found.length} steps stands out, last step ${last.x}`
  return [{ kind: 'warn', text: `${text}: ${loss} (! goes there, t and Enter open its batch)` }]
}

function wrong(figures: RunFigures): Finding[] {
  const count = figures.wrongPairs().length
  if (count === 0) return []
  const text = count === 1 ? '1 pair keeps a negative margin' : `${count} pairs keep a negative margin`
  return [{ kind: 'warn', text: `${text}: w lists them, R there sends them back to review` }]
}

function lossOf(metrics: StepFigures['metrics']): number | undefined {
  return metrics['loss'] ?? metrics['eval_loss']
}

/**
 * Whether chosen and rejected replies both become less likely than before training (likelihood displacement). Rewards say it exactly: each
 * is β times what its log-probability gained. Without them the log-probabilities themselves are compared, first steps and newest.
 */
function bothFall({ steps }: RunFigures): Finding[] {
  const dpo = steps.filter(({ stage, kind }) => stage === 'dpo' && kind === 'step')
  const [chosen, rejected] = [
    meanOf(dpo.slice(-WINDOW), 'rewards/chosen'),
    meanOf(dpo.slice(-WINDOW), 'rewards/rejected'),
  ]
  if (chosen !== undefined && rejected !== undefined) {
    const margin = chosen - rejected
    return chosen < 0 && rejected < 0 && -chosen > FALL * Math.abs(margin)
      ? [displaced(`rewards ${figureText(chosen)} and ${figureText(rejected)}`)]
      : []
  }
  if (dpo.length < 2 * WINDOW) return []
  const gain = (name: string) => {
    const [before, after] = [meanOf(dpo.slice(0, WINDOW), name), meanOf(dpo.slice(-WINDOW), name)]
    return before === undefined || after === undefined ? undefined : { before, after }
  }
  const [up, down] = [gain('logps/chosen'), gain('logps/rejected')]
  if (up === undefined || down === undefined || !(fell(up) && fell(down))) return []
  return [displaced(`logps/chosen ${figureText(up.before)} → ${figureText(up.after)}`)]
}

function fell({ before, after }: { readonly before: number; readonly after: number }): boolean {
  return before - after > Math.abs(before) * 0.02
}

function displaced(figures: string): Finding {
  return {
    kind: 'warn',
    text: `chosen and rejected replies both become less likely (${figures}): a lower learning rate, fewer steps or a higher β hold that back`,
  }
}

/** The mean of a metric over steps; `undefined`: too few of them have it. */
function meanOf(steps: readonly StepFigures[], name: string): number | undefined {
  const values = steps.flatMap(({ metrics }) => {
    const value = metrics[name]
    return value !== undefined && Number.isFinite(value) ? [value] : []
  })
  return values.length < FEWEST ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}

function said({ warnings }: RunFigures): Finding[] {
  return warnings.toReversed().map(({ x, text }) => ({ kind: 'warn', text: `step ${x}: ${text}` }))
}
