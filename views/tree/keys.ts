import type { Binding } from '../keymap.ts'

const pane = 'tree'

/** Keys of the tree pane; footer, help and docs/keys.md are made from these rows. */
export const TREE_BINDINGS: readonly Binding[] = [
  {
    pane,
    on: ['enter'],
    run: 'open',
    desc: 'Open the task’s tree; in a tree: the transcript at this step',
    footer: 'open',
  },
  {
    pane,
    on: ['t'],
    run: 'transcript',
    desc: 'Transcript of a run through this node, at this step',
    footer: 'transcript',
  },
  {
    pane,
    on: ['w'],
    run: 'why',
    desc: 'Why merged? The runs of this node and what they really wrote and saw',
    footer: 'why merged?',
  },
  {
    pane,
    on: ['n'],
    run: 'critical next',
    desc: 'Next critical node (in a transcript: next match)',
    footer: 'next ★',
    moves: true,
  },
  {
    pane,
    on: ['N'],
    run: 'critical previous',
    desc: 'Previous critical node (in a transcript: previous match)',
    moves: true,
  },
  {
    pane,
    on: ['right', 'l'],
    run: 'unfold',
    desc: 'Unfold, or go to the first child; in a transcript: next step',
    moves: true,
  },
  {
    pane,
    on: ['left', 'h'],
    run: 'fold',
    desc: 'Fold, or go to the parent, or back to the tasks; in a transcript: previous step',
    moves: true,
  },
  { pane, on: ['space'], run: 'toggle', desc: 'Fold or unfold', footer: 'fold', moves: true },
  { pane, on: ['E'], run: 'unfold all', desc: 'Unfold everything', moves: true },
  { pane, on: ['C'], run: 'fold tails', desc: 'Fold what only one run did', moves: true },
  {
    pane,
    on: ['s'],
    run: 'sort',
    desc: 'Sort: siblings by appearance, visits, rate, certainty; tasks by name, runs, rate, critical nodes, pairs',
    footer: 'sort',
    moves: true,
  },
  { pane, on: ['['], run: 'threshold down', desc: 'Lower the threshold θ by 0.05', footer: 'θ−', moves: true },
  { pane, on: [']'], run: 'threshold up', desc: 'Raise the threshold θ by 0.05', footer: 'θ+', moves: true },
  { pane, on: ['i'], run: 'inclusive', desc: 'Count a difference of exactly θ, or do not' },
  { pane, on: ['m'], run: 'mode', desc: 'Next merge mode: call, call+obs, call+thought, strict, loose' },
  {
    pane,
    on: ['J'],
    run: 'sibling next',
    desc: 'Next sibling; in a transcript: next run through the node',
    moves: true,
  },
  { pane, on: ['K'], run: 'sibling previous', desc: 'Previous sibling; in a transcript: previous run', moves: true },
  { pane, on: ['x'], run: 'expand', desc: 'Roll out more from this node: replay its steps, then let the policy go on' },
  { pane, on: ['p'], run: 'pairs', desc: 'Pairs: review what this tree proposes' },
]
