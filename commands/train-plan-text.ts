import { RUN_STAGES } from '../src/domain/run.ts'
import { bytesText } from '../src/importers/limits.ts'
import { safeText, splitLines } from '../src/lib/safe-text.ts'
import type { PlanSample, TrainingPlan } from '../src/training/torch/plan.ts'
import type { TextStyle } from './define.ts'
import { count, percent, table } from './table.ts'

/** Characters of text without loss, and with it, that a sample shows in one piece. */
const PLAIN_CHARS = 400
const LOSS_CHARS = 4000
/** Not worth a gap. */
const BARELY = 200
/** A share of bins' positions below which larger bins are worth a word, and the fewest bins that say something. */
const WELL_FILLED = 0.9
const FEW_BINS = 4
/** Ids that a problem names. */
const NAMED = 3

/** A plan for people: what it takes, then samples of what is learnt, then what is wrong. */
export function planText(plan: TrainingPlan, style: TextStyle): string {
  return [
    ...headLines(plan),
    stageTable(plan, style),
    memoryLine(plan),
    timeLine(plan),
    ...emptyLines(plan),
    ...droppedLines(plan),
    ...plan.lint.samples.flatMap((sample) => sampleLines(sample, style)),
    '',
    ...problemLines(plan, style),
  ].join('\n')
}

function headLines({ model, trees, trajectories, pairs, split, binTokens }: TrainingPlan): string[] {
  const trained =
    model.method === 'full' ? 'all of them trained' : `${figure(model.trainable)} trained (LoRA, rank ${model.rank})`
  return [
    safeText(`${model.id}: ${figure(model.params)} parameters, ${trained}, ${model.dtype}`),
    `${count(trees, 'tree')} (${split.validation} held out), ${count(trajectories, 'trajectory', 'trajectories')}, ${count(pairs, 'pair')}; bins of ${figure(binTokens)} tokens`,
  ]
}

function stageTable({ stages }: TrainingPlan, style: TextStyle): string {
  const titles = [
    ...['STAGE', 'EXAMPLES', 'HELD OUT', 'TOKENS', 'AS TREES', 'SHARING', 'WITH LOSS', 'BINS', 'FILL', 'STEPS'],
    ...['TIME A PASS', 'PASSES'],
  ]
  const rows = RUN_STAGES.flatMap((stage) => {
    const plan = stages[stage]
    if (plan === undefined) return []
    const { examples, validation, tokens, sharing, bins, fill, totalSteps, secondsPerEpoch, epochs } = plan
    const shared = sharing === null ? '–' : `${sharing.toFixed(2)} ×`
    return [
      [
        ...[stage, figure(examples), figure(validation), figure(tokens.logical), figure(tokens.packed), shared],
        ...[figure(tokens.loss), figure(bins), percent(fill ?? undefined), figure(totalSteps)],
        ...[durationText(secondsPerEpoch), `≤ ${epochs}`],
      ],
    ]
  })
  return table(
    titles.map((title, at) => ({ title, ...(at > 0 && { align: 'right' as const }) })),
    rows,
    style,
  )
}

function memoryLine({ memory, gpu, model }: TrainingPlan): string {
  const { total = 0, ...parts } = memory.bytes
  const largest = Object.entries(parts)
    .filter(([, bytes]) => bytes > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, bytes]) => `${name} ${bytesText(bytes)}`)
  const again =
    memory.checkpointedLayers > 0 ? `; ${memory.checkpointedLayers} of ${model.layers} layers are computed twice` : ''
  const room =
    memory.budgetBytes === null
      ? ''
      : ` of ${bytesText(memory.budgetBytes)}${gpu === null ? '' : ` of each ${gpu.name}`}`
  const line = `memory: ${bytesText(total)}${room} (${largest.join(', ')})${again}`
  return memory.fits === false
    ? safeText(`${line}\nIt does not fit: ${memory.problem ?? ''}. ${memory.advice ?? ''}`.trimEnd())
    : safeText(line)
}

function timeLine({ estimate, gpu }: TrainingPlan): string {
  if (estimate.seconds === null || gpu === null) return 'time: give --gpu for an estimate (h200, a100-80gb, …)'
  return safeText(
    `time: ${durationText(estimate.seconds)} at most, on ${gpu.count} × ${gpu.name} at ${percent(gpu.mfu)} of its peak`,
  )
}

/** Where much of what is computed is padding: examples of more than half a bin leave the rest of it empty. */
function emptyLines({ stages, binTokens }: TrainingPlan): string[] {
  return RUN_STAGES.flatMap((stage) => {
    const { bins = 0, fill = null } = stages[stage] ?? {}
    if (fill === null || fill >= WELL_FILLED || bins < FEW_BINS) return []
    return [
      `${stage}: its bins are ${percent(fill)} full; --bin-tokens ${2 * binTokens} fills them better where memory allows it`,
    ]
  })
}

/** Reasons that differ in their figures alone are one line, with the largest of its kind. */
function droppedLines({ stages }: TrainingPlan): string[] {
  return RUN_STAGES.flatMap((stage) => {
    const kinds = Map.groupBy(stages[stage]?.dropped ?? [], ({ reason }) => reason.replace(/\d[\d,]*/g, '#'))
    return [...kinds.values()].map((list) => {
      const worst = list.reduce((a, b) => (firstFigure(b.reason) > firstFigure(a.reason) ? b : a))
      const which = new Set(list.map(({ reason }) => reason)).size > 1 ? `, for example ${worst.id}` : ''
      return safeText(`${stage}: ${list.length} left out${which}: ${worst.reason}`)
    })
  })
}

function firstFigure(text: string): number {
  return Number(/\d[\d,]*/.exec(text)?.[0].replaceAll(',', '') ?? 0)
}

/** The text of a sample's tokens; what carries loss is green, or stands in ‹ ›. */
function sampleLines({ stage, id, side, tokens, lossTokens, runs }: PlanSample, style: TextStyle): string[] {
  const title = safeText(`${stage} ${id}${side === null ? '' : `, ${side}`}`)
  const lines = ['']
  for (const { text, loss } of runs) {
    const [first = '', ...rest] = splitLines(shortened(text, loss ? LOSS_CHARS : PLAIN_CHARS)).map((line) =>
      safeText(line),
    )
    const parts: string[] = [first, ...rest]
    if (loss && !style.color) {
      parts[0] = `‹${parts[0]}`
      parts[parts.length - 1] += '›'
    }
    const shown = loss && style.color ? parts.map((part) => `\x1b[32m${part}\x1b[39m`) : parts
    lines[lines.length - 1] += shown[0] ?? ''
    lines.push(...shown.slice(1))
  }
  const head = `── ${title}: ${count(lossTokens, 'token')} of ${figure(tokens)} carry loss ${style.color ? '(green)' : '(in ‹ ›)'}`
  return ['', head, ...lines]
}

function shortened(text: string, most: number): string {
  if (text.length <= most + BARELY) return text
  const half = Math.floor(most / 2)
  const left = text.length - 2 * half
  return `${text.slice(0, half).toWellFormed()} […${figure(left)} characters…] ${text.slice(-half).toWellFormed()}`
}

function problemLines({ lint }: TrainingPlan, { color }: TextStyle): string[] {
  const lines = lint.problems.map(({ severity, what, where }) => {
    const places =
      where.length === 0 ? '' : ` (${where.slice(0, NAMED).join(', ')}${where.length > NAMED ? ', …' : ''})`
    const word = severity === 'refuse' ? 'refused' : 'warning'
    const mark = color ? `\x1b[${severity === 'refuse' ? 31 : 33}m${word}\x1b[39m` : word
    return `${mark}: ${safeText(`${what}${places}`)}`
  })
  return lines.length === 0 ? ['The data linter has nothing to say.'] : lines
}

function figure(n: number): string {
  return n.toLocaleString('en')
}

/** `1 h 20 min`, `12 min`, `3.4 s`; `–` where it is not known. */
function durationText(seconds: number | null): string {
  if (seconds === null) return '–'
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
