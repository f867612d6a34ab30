import type { Binding } from '../keymap.ts'

const pane = 'report'

/** Keys of the report pane; footer, help and docs/keys.md are made from these rows. */
export const REPORT_BINDINGS: readonly Binding[] = [
  {
    pane,
    on: ['enter'],
    run: 'open',
    desc: 'The tasks of the evaluation; in them: the rollout, at the step where it went wrong',
    footer: 'open',
    moves: true,
  },
  { pane, on: ['c'], run: 'base', desc: 'Compare the others with this evaluation, or no longer', footer: 'compare' },
  {
    pane,
    on: ['v'],
    run: 'part',
    desc: 'What stands first below: the comparison, failures by kind, the paper’s rows',
    footer: 'view',
    moves: true,
  },
  {
    pane,
    on: ['right', 'l'],
    run: 'column next',
    desc: 'The tasks of the evaluation; in them: the next evaluation',
    moves: true,
  },
  {
    pane,
    on: ['left', 'h'],
    run: 'column previous',
    desc: 'In the tasks: the previous evaluation',
    moves: true,
  },
  { pane, on: [']'], run: 'rollout next', desc: 'In the tasks: the next rollout of the task', moves: true },
  { pane, on: ['['], run: 'rollout previous', desc: 'In the tasks: the previous rollout of the task', moves: true },
  { pane, on: ['T'], run: 'tree', desc: 'In the tasks: the tree of the task', footer: 'tree' },
  {
    pane,
    on: ['o'],
    run: 'sort',
    desc: 'Sort: as made, name, rates; tasks by name, or those that moved first; rows then stay where they are',
    footer: 'sort',
    moves: true,
  },
]
