import { safeText } from '../../src/lib/safe-text.ts'
import type { StepFigures } from '../run-model.ts'
import { figureText } from '../paint/figure-text.ts'
import type { ListWindow } from '../paint/list-window.ts'
import type { Row } from '../paint/row.ts'
import { type Cell, type Column, tableRows } from '../paint/table.ts'
import { learntText } from './batch.ts'

/** What is drawn of the steps of a Run. */
export interface StepTable {
  readonly steps: readonly StepFigures[]
  readonly ascending: boolean
  readonly window: ListWindow
  readonly width: number
  /** Lines, the title line included. */
  readonly height: number
}

const FIGURE = 9

/** The title line and the visible steps. */
export function stepTable({ steps, ascending, window, width, height }: StepTable): Row[] {
  return tableRows({
    columns: columns(ascending),
    count: steps.length,
    first: window.first,
    selected: window.cursor,
    width,
    height,
    cell: (line, column) => {
      const step = steps[stepOfLine(line, steps.length, ascending)]
      return step === undefined ? { text: safeText('') } : cell(step, column)
    },
  })
}

/** The position of the step on a line, and of the line with a step: the same sum turned round. */
export function stepOfLine(line: number, count: number, ascending: boolean): number {
  return ascending ? line : count - 1 - line
}

function columns(ascending: boolean): Column[] {
  const figure = (title: string, drop: number): Column => ({ title, width: FIGURE, align: 'right', drop })
  return [
    { title: 'STEP', width: 6, align: 'right', sorted: ascending ? 'up' : 'down' },
    { title: 'STAGE', width: 9 },
    { title: 'EPOCH', width: 6, align: 'right', drop: 5 },
    figure('LOSS', 0),
    figure('EVAL', 0),
    figure('MARGIN', 1),
    figure('ACCURACY', 2),
    figure('GRAD NORM', 3),
    figure('LR', 4),
    { title: 'BATCH', flex: 1, min: 6, drop: 6 },
  ]
}

function cell(step: StepFigures, column: number): Cell {
  const isEval = step.kind === 'eval'
  const shown = (text: string): Cell => ({ text: safeText(text), ...(isEval ? { style: 'accent' as const } : {}) })
  switch (column) {
    case 0:
      return shown(String(step.x))
    case 1:
      return shown(`${step.stage} ${step.step}`)
    case 2:
      return { text: safeText(step.epoch === undefined ? '' : step.epoch.toFixed(2)), style: 'muted' }
    case 3:
      return shown(figure(step.metrics['loss']))
    case 4:
      return shown(figure(step.metrics['eval_loss']))
    case 5:
      return shown(figure(ofKind(step, 'rewards/margins')))
    case 6:
      return shown(figure(ofKind(step, 'rewards/accuracies') ?? ofKind(step, 'mean_token_accuracy')))
    case 7:
      return shown(figure(step.metrics['grad_norm']))
    case 8:
      return shown(figure(step.metrics['learning_rate']))
    default:
      return { text: safeText(batchText(step)), style: step.best === true ? 'good' : 'muted' }
  }
}

function ofKind({ kind, metrics }: StepFigures, name: string): number | undefined {
  return metrics[kind === 'eval' ? `eval_${name}` : name]
}

function figure(value: number | undefined): string {
  return value === undefined ? '' : figureText(value)
}

function batchText({ kind, best, batch, stage }: StepFigures): string {
  if (kind === 'eval') return best === true ? 'held out ★ best' : 'held out'
  return learntText(stage, batch.length)
}
