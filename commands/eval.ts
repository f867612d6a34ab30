import { z } from 'zod'
import { evaluationReport } from '../sessions/evaluation-facts.ts'
import { compareEvaluations, flipsOf, reportOf } from '../src/evaluation/comparison.ts'
import { SealignError } from '../src/domain/errors.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { namedEvaluations } from './eval-names.ts'
import { comparisonText, flipsTable, reportText } from './eval-text.ts'
import { shownJob } from './job.ts'
import { table } from './table.ts'

export const evalList = defineCommand({
  name: 'eval list',
  summary: 'Show the evaluations of a session and how far they are',
  example: 'sealign eval list',
  args: z.object({}),
  run(_args, context) {
    const session = context.session()
    return {
      evaluations: session.evaluations.list().map(({ id, name, model, job, createdAt }) => {
        const row = session.jobs.get(job)
        if (!row) throw new SealignError('bug', `evaluation e${id} has no job`)
        const { state, done, total, resolved, infrastructure } = shownJob(session, row)
        return { id: `e${id}`, name, model, job: `j${job}`, state, done, total, resolved, infrastructure, createdAt }
      }),
    }
  },
  text: ({ evaluations }, style) =>
    evaluations.length === 0
      ? 'There are no evaluations in this session yet. Start one: sealign eval start --name before --tasks SET --base-url URL --model NAME'
      : table(
          ['', 'EVALUATION', 'JOB', 'STATE', 'DONE', 'RESOLVED', 'FAILED', 'MODEL'].map((title) => ({ title })),
          evaluations.map(({ id, name, job, state, done, total, resolved, infrastructure, model }) => [
            id,
            name,
            job,
            state,
            `${done}/${total}`,
            resolved,
            infrastructure,
            model,
          ]),
          style,
        ),
  json: ({ evaluations }) => evaluations,
})

export const evalReport = defineCommand({
  name: 'eval report',
  summary: 'Show what evaluations came to, compared, beside the paper’s own figures',
  example: 'sealign eval report before SFT+DPO',
  args: z.object({
    names: z.array(z.string()).default([]).describe('evaluations by name or id; all when left out'),
    allPaper: z.boolean().default(false).describe('every row that the paper prints'),
  }),
  positional: ['names'],
  run: ({ names, allPaper }, context) => ({ report: chosenReport(context, names), allPaper }),
  text: ({ report, allPaper }, style) => reportText(report, style, allPaper),
  json: ({ report }) => report,
})

/** The report over the Evaluations named, in that order; over all without a name. */
function chosenReport(context: CommandContext, names: readonly string[]) {
  const report = evaluationReport(context.session())
  return names.length === 0 ? report : reportOf(namedEvaluations(report.evaluations, names))
}

export const evalCompare = defineCommand({
  name: 'eval compare',
  summary: 'Compare two evaluations task by task',
  example: 'sealign eval compare before SFT+DPO',
  args: z.object({
    before: z.string().describe('evaluation by name or id'),
    after: z.string().describe('the one that is compared with it'),
  }),
  positional: ['before', 'after'],
  run(args, context) {
    const { evaluations } = evaluationReport(context.session())
    const [before, after] = namedEvaluations(evaluations, [args.before, args.after])
    if (!before || !after) throw new SealignError('bug', 'two names are two evaluations')
    const comparison = compareEvaluations(before, after)
    if (comparison.tasks === 0)
      throw new SealignError(
        'not-found',
        `${before.name} and ${after.name} have no task in common that both were graded on`,
        {
          hint: 'Evaluate both on the same tasks; `sealign eval list` says how far they are.',
        },
      )
    return { before, after, comparison }
  },
  text: ({ before, after, comparison }, style) =>
    [comparisonText(comparison, [before, after]), '', flipsTable(before, after, style)].join('\n'),
  json: ({ before, after, comparison }) => ({ ...comparison, flips: flipsOf(before, after) }),
})
