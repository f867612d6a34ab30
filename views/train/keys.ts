import type { Binding } from '../keymap.ts'

const pane = 'train'

/** Keys of the train pane; footer, help and docs/keys.md are made from these rows. */
export const TRAIN_BINDINGS: readonly Binding[] = [
  {
    pane,
    on: ['enter'],
    run: 'open',
    desc: 'One chart large, and back; of a run: its charts; of a step: its batch; of a pair or trajectory: go to it',
    footer: 'open',
    moves: true,
  },
  {
    pane,
    on: ['t'],
    run: 'steps',
    desc: 'Step table, at the step under the cursor; again: back to the charts',
    footer: 'steps',
    moves: true,
  },
  {
    pane,
    on: ['r'],
    run: 'runs',
    desc: 'List of runs with settings; again: back to the charts',
    footer: 'runs',
    moves: true,
  },
  { pane, on: ['left', 'h'], run: 'read back', desc: 'Read the values one column of the chart earlier', moves: true },
  { pane, on: ['right', 'l'], run: 'read on', desc: 'Read the values one column later', footer: 'read', moves: true },
  { pane, on: ['<'], run: 'step back', desc: 'Read the values exactly one step earlier', moves: true },
  { pane, on: ['>'], run: 'step on', desc: 'Read the values exactly one step later', moves: true },
  { pane, on: ['0'], run: 'step first', desc: 'Read the values of the first step', moves: true },
  { pane, on: ['$'], run: 'step last', desc: 'Read the newest values, and stay with them', moves: true },
  { pane, on: ['n', ']'], run: 'page next', desc: 'Next page of charts', footer: 'page', moves: true },
  { pane, on: ['p', '['], run: 'page previous', desc: 'Previous page of charts', moves: true },
  {
    pane,
    on: ['s'],
    run: 'smooth',
    desc: 'Smooth the curves: off, 0.6, 0.9, 0.98; the raw curve stays behind, faint',
    footer: 'smooth',
    moves: true,
  },
  { pane, on: ['L'], run: 'log', desc: 'Log scale, or linear', footer: 'log', moves: true },
  {
    pane,
    on: ['o'],
    run: 'overlay',
    desc: 'Overlay the marked runs, or all others when no other is marked; in the step table: newest or oldest first',
    footer: 'overlay',
    moves: true,
  },
  { pane, on: ['space'], run: 'mark', desc: 'Mark the run for the overlay', moves: true },
  { pane, on: ['J'], run: 'run next', desc: 'Next run', moves: true },
  { pane, on: ['K'], run: 'run previous', desc: 'Previous run', moves: true },
  { pane, on: ['P'], run: 'pause', desc: 'Pause the run after the step it is at, or go on', footer: 'pause' },
  { pane, on: ['X'], run: 'stop', desc: 'Stop the run; its best weights stay (press twice)', footer: 'stop' },
]
