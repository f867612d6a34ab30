import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { bulkSelection } from '../src/pairs/bulk.ts'
import type { Verdict } from '../src/pairs/review.ts'
import { parseRule, type Rule, ruleMatches } from '../src/pairs/rule.ts'
import type { Analysis, ReviewedPair } from '../sessions/analysis.ts'
import { marginNote, PairMargins, type WrongPair } from '../sessions/pair-margins.ts'
import type { Session } from '../sessions/session.ts'
import { ANALYSIS_FLAGS, analysisFor } from './analysis-flags.ts'
import { type Command, type CommandContext, defineCommand } from './define.ts'
import { count, table } from './table.ts'
import { oneRun } from './train-model.ts'

const STATUSES = ['pending', 'accepted', 'rejected', 'skipped'] as const

export const pairList = defineCommand({
  name: 'pair list',
  summary: 'List critical pairs and where they stand in review',
  example: "sealign pair list --status pending --where 'P > 0.9 and n >= 3'",
  args: z.object({
    status: z.enum(STATUSES).optional().describe('only pairs that stand there'),
    where: z.string().optional().describe('rule over P, delta, n, depth, task, flag(…), status'),
    ...ANALYSIS_FLAGS,
  }),
  run({ status, where, ...flags }, context) {
    const analysis = analysisFor(context, flags)
    const rule = where === undefined ? undefined : readRule(where)
    const { trajectories } = context.session()
    return [...analysis.pairs()]
      .map((pair) => analysis.reviewed(pair))
      .filter(
        (reviewed) =>
          (status === undefined || reviewed.review.status === status) && (!rule || ruleMatches(rule, reviewed)),
      )
      .map((reviewed) => ({
        ...flat(reviewed),
        chosenAction: trajectories.label(reviewed.pair.chosen.trajectory, reviewed.pair.chosen.step),
        rejectedAction: trajectories.label(reviewed.pair.rejected.trajectory, reviewed.pair.rejected.step),
      }))
  },
  text(pairs, style) {
    if (pairs.length === 0) return 'No pair fits. `sealign pair stats` counts them all; a lower --threshold finds more.'
    const columns = ['PAIR', 'TASK', 'Δ', 'COUNTS', 'P', 'STATUS', 'FLAGS', 'CHOSEN ▸ REJECTED'].map((title) => ({
      title,
    }))
    const rows = pairs.map((pair) => [
      pair.id,
      pair.task,
      pair.delta.toFixed(2),
      `${pair.chosen.r}/${pair.chosen.n} ${pair.rejected.r}/${pair.rejected.n}`,
      pair.confidence.toFixed(2),
      pair.status,
      pair.flags.join(' '),
      `${pair.chosenAction.slice(0, 60)} ▸ ${pair.rejectedAction.slice(0, 60)}`,
    ])
    return [table(columns, rows, style), count(pairs.length, 'pair')].join('\n')
  },
})

export const pairShow = defineCommand({
  name: 'pair show',
  summary: 'Show both actions of a pair and what is known about them',
  example: 'sealign pair show p1f00ab12cd34',
  args: z.object({ pair: z.string().describe('id') }),
  positional: ['pair'],
  run({ pair: id }, context) {
    const reviewed = findPair(analysisFor(context, {}), id)
    const { trajectories } = context.session()
    const side = ({ trajectory, step }: { trajectory: number; step: number }) => ({
      info: trajectories.info(trajectory),
      action: trajectories.step(trajectory, step),
    })
    return { ...flat(reviewed), sides: { chosen: side(reviewed.pair.chosen), rejected: side(reviewed.pair.rejected) } }
  },
  text: ({ sides, ...pair }) =>
    [
      `${pair.id}  ${safeText(pair.task)}  step ${pair.depth + 1}  ${pair.status}${pair.reviewer === undefined ? '' : ` by ${safeText(pair.reviewer)}`}`,
      `Δ ${pair.delta.toFixed(2)} (${pair.chosen.r}/${pair.chosen.n} against ${pair.rejected.r}/${pair.rejected.n}), P ${pair.confidence.toFixed(3)}, merge ${pair.mode}${pair.flags.length > 0 ? `, ${pair.flags.join(', ')}` : ''}`,
      ...(['chosen', 'rejected'] as const).flatMap((name) => [
        '',
        `${name.toUpperCase()}  trajectory ${pair[name].trajectory} step ${pair[name].step}`,
        ...actionText(sides[name].action),
      ]),
    ].join('\n'),
})

function actionText(step: ReturnType<Session['trajectories']['step']>): string[] {
  if (!step) return ['  (no longer in the session)']
  const { content, toolCalls } = step.reply
  const calls = (toolCalls ?? []).map(
    (call) =>
      `${call.name} ${typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments, null, 2)}`,
  )
  return [content, ...calls].flatMap((text) => text.split('\n')).map((line) => `  ${safeText(line)}`)
}

export const pairStats = defineCommand({
  name: 'pair stats',
  summary: 'Count critical nodes, pairs, and where they stand in review',
  example: 'sealign pair stats --merge call --inclusive',
  args: z.object(ANALYSIS_FLAGS),
  run: (flags, context) => analysisFor(context, flags).pairFigures(),
  text: ({ criticalNodes, pairs, tasks, pending, accepted, rejected, skipped }) =>
    `${count(pairs, 'pair')} at ${count(criticalNodes, 'critical node')} in ${count(tasks, 'task')}: ${pending} pending, ${accepted} accepted, ${rejected} rejected, ${skipped} skipped`,
})

/** What a review command answers with: the Pairs as they stand now. */
interface Reviewed {
  readonly verdict: Verdict
  readonly pairs: readonly ReturnType<typeof flat>[]
  /** Pairs that the rule fits but that somebody had decided already. */
  readonly decided: number
}

function reviewCommand(verdict: 'accept' | 'reject', summary: string): Command {
  return defineCommand({
    name: `pair ${verdict}`,
    summary,
    example: `sealign pair ${verdict} --where 'P > 0.95 and not flag(single-visit)'`,
    args: z.object({
      pair: z.string().optional().describe('id'),
      where: z.string().optional().describe('rule: every pending pair it fits'),
      minConfidence: z.number().min(0).max(1).optional().describe('every pending pair with at least this P'),
    }),
    positional: ['pair'],
    run({ pair, where, minConfidence }, context): Reviewed {
      const analysis = analysisFor(context, {})
      if (pair !== undefined) return write(context, analysis, verdict, [findPair(analysis, pair)])
      const text = [
        ...(where === undefined ? [] : [`(${where})`]),
        ...(minConfidence === undefined ? [] : [`P >= ${minConfidence}`]),
      ].join(' and ')
      if (text === '')
        throw new SealignError('usage', `pair ${verdict}: give a pair or a rule`, {
          hint: `Usage: sealign pair ${verdict} PAIR, or --where RULE`,
        })
      const { takes, decided } = bulkSelection(
        [...analysis.pairs()].map((each) => analysis.reviewed(each)),
        readRule(text),
      )
      return { ...write(context, analysis, verdict, takes), decided }
    },
    text: reviewedText,
    json: ({ verdict: _verdict, ...rest }: Reviewed) => rest,
  })
}

function oneReviewCommand(
  verdict: Exclude<Verdict, 'accept' | 'reject' | 'note' | 'reopen'>,
  summary: string,
): Command {
  return defineCommand({
    name: `pair ${verdict}`,
    summary,
    example: `sealign pair ${verdict} p1f00ab12cd34`,
    args: z.object({ pair: z.string().describe('id') }),
    positional: ['pair'],
    run({ pair }, context): Reviewed {
      const analysis = analysisFor(context, {})
      return write(context, analysis, verdict, [findPair(analysis, pair)])
    },
    text: reviewedText,
    json: ({ verdict: _verdict, ...rest }: Reviewed) => rest,
  })
}

export const pairAccept = reviewCommand('accept', 'Accept a pair for the next dataset, or every pair a rule fits')
export const pairReject = reviewCommand('reject', 'Reject a pair, or every pair a rule fits')
export const pairSkip = oneReviewCommand('skip', 'Leave a pair for later')
export const pairSwap = oneReviewCommand('swap', 'Prefer the other side of a pair')
export const pairFlag = oneReviewCommand('flag', 'Mark a pair for another look, or take the mark off')
export const pairUndo = oneReviewCommand('undo', 'Take back your last word on a pair')
export const pairNote = defineCommand({
  name: 'pair note',
  summary: 'Write a note beside a pair; an empty one removes it',
  example: "sealign pair note p1f00ab12cd34 'both fix it, chosen is shorter'",
  args: z.object({ pair: z.string().describe('id'), note: z.array(z.string()).optional().describe('text') }),
  positional: ['pair', 'note'],
  run({ pair, note }, context): Reviewed {
    const analysis = analysisFor(context, {})
    const text = (note ?? []).join(' ').slice(0, 10_000)
    return write(context, analysis, 'note', [findPair(analysis, pair)], () => text)
  },
  text: reviewedText,
  json: ({ verdict: _verdict, ...rest }: Reviewed) => rest,
})

export const pairReopen = defineCommand({
  name: 'pair reopen',
  summary:
    'Send pairs back to review: pending again, flagged, with a note; of a run, those it keeps preferring the wrong way round',
  example: 'sealign pair reopen --run r3',
  args: z.object({
    pair: z
      .array(z.string())
      .optional()
      .describe('ids; without any, those with a negative margin in --run persistently'),
    run: z.string().optional().describe('the note says how their margins are in this run'),
    note: z.string().max(10_000).optional().describe('why, instead'),
  }),
  positional: ['pair'],
  run({ pair: ids = [], run, note }, context): Reviewed {
    if (run === undefined && ids.length === 0)
      throw new SealignError('usage', 'pair reopen: give pairs or a run', {
        hint: 'Usage: sealign pair reopen PAIR… [--note TEXT], or --run r1',
      })
    const analysis = analysisFor(context, {})
    const wrong = run === undefined ? new Map<string, WrongPair>() : wrongPairs(context.session(), run)
    // Pairs that trees no longer propose and nobody ever reviewed cannot go back.
    const pairs =
      ids.length > 0
        ? [...new Set(ids)].map((id) => findPair(analysis, id))
        : [...wrong.keys()].flatMap((id) => analysis.find(id) ?? [])
    const noteOf = (id: string): string | undefined => {
      const measured = wrong.get(id)
      return note ?? (measured && run !== undefined ? marginNote(measured, run) : undefined)
    }
    return write(context, analysis, 'reopen', pairs, noteOf)
  },
  text: (result) =>
    result.pairs.length === 0 ? 'No pair of this run has a negative margin persistently.' : reviewedText(result),
  json: ({ verdict: _verdict, ...rest }: Reviewed) => rest,
})

/** Pairs a run prefers the wrong way round, by id. */
function wrongPairs(session: Session, name: string): Map<string, WrongPair> {
  const margins = new PairMargins()
  for (const { event } of session.runs.events(oneRun(session, name).id)) margins.hear(event)
  return new Map(margins.wrong().map((pair) => [pair.id, pair]))
}

/** Appends the verdict to every pair, all or none; it is on disk when this returns. */
function write(
  context: CommandContext,
  analysis: Analysis,
  verdict: Verdict,
  pairs: readonly ReviewedPair[],
  noteOf: (id: string) => string | undefined = () => undefined,
): Reviewed {
  const { reviews } = context.session()
  const snapshots = pairs.map(({ pair, flags }) => ({ pair, flags }))
  reviews.append(snapshots, verdict, context.config.reviewer, noteOf)
  analysis.refresh()
  return {
    verdict,
    pairs: pairs.map(({ pair, flags }) => flat({ pair, flags, review: analysis.reviewOf(pair.id) })),
    decided: 0,
  }
}

function reviewedText({ verdict, pairs, decided }: Reviewed): string {
  const [only] = pairs
  const rest = decided > 0 ? `; ${decided} more fit but are decided already` : ''
  if (only !== undefined && pairs.length === 1)
    return `pair ${only.id} (${safeText(only.task)}) is now ${only.status}${only.swapped ? ', swapped' : ''}${only.flagged ? ', flagged' : ''}${rest}`
  return `${verdict}: ${count(pairs.length, 'pair')}${rest}`
}

function findPair(analysis: Analysis, id: string): ReviewedPair {
  const found = analysis.find(id)
  if (found) return found
  throw new SealignError('not-found', `there is no pair ${JSON.stringify(id)} under the present settings`, {
    hint: '`sealign pair list` shows ids; another threshold or merge mode has other pairs.',
  })
}

function readRule(text: string): Rule {
  const parsed = parseRule(text)
  if (parsed.ok) return parsed.rule
  throw new SealignError('usage', `rule ${JSON.stringify(text)}, column ${parsed.column}: ${parsed.message}`, {
    hint: "Example: 'P > 0.95 and n >= 4 and not flag(single-visit)'",
  })
}

function flat({ pair, flags, review }: ReviewedPair) {
  const { id, task, mode, depth, chosen, rejected, delta, confidence } = pair
  return { id, task, mode, depth, delta, confidence, flags, ...review, chosen, rejected }
}
