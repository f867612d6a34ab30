import type { Binding } from '../keymap.ts'

const pane = 'rollouts'

/** Keys of the rollouts pane; footer, help and docs/keys.md are made from these rows. */
export const ROLLOUT_BINDINGS: readonly Binding[] = [
  {
    pane,
    on: ['enter'],
    run: 'open',
    desc: 'Look at the rollout; in its transcript: unfold or fold the step',
    footer: 'open',
    moves: true,
  },
  { pane, on: ['right', 'l'], run: 'unfold', desc: 'Look at the rollout; unfold a step or a group', moves: true },
  { pane, on: ['left', 'h'], run: 'fold', desc: 'Fold a step or a group, or back to the list', moves: true },
  { pane, on: ['space'], run: 'toggle', desc: 'Fold or unfold a step or a group', moves: true },
  { pane, on: ['f'], run: 'follow', desc: 'Follow: stay at the end of the transcript', footer: 'follow', moves: true },
  { pane, on: ['d'], run: 'patch', desc: 'The patch so far; again: back to the steps', footer: 'patch', moves: true },
  {
    pane,
    on: ['t'],
    run: 'tests',
    desc: 'Test result and log; again: back to the steps',
    footer: 'tests',
    moves: true,
  },
  { pane, on: ['p'], run: 'pause', desc: 'Pause after the step in flight, or go on', footer: 'pause' },
  { pane, on: ['x'], run: 'cancel', desc: 'Cancel the rollout (press twice)', footer: 'cancel' },
  { pane, on: ['r'], run: 'requeue', desc: 'Run it again from the start', footer: 'requeue' },
  { pane, on: ['n'], run: 'nudge', desc: 'Send a message into the conversation', footer: 'nudge' },
  { pane, on: ['s'], run: 'shell', desc: 'Open a shell in its sandbox', footer: 'shell' },
  { pane, on: ['T'], run: 'tree', desc: 'Go to the tree of its task', footer: 'tree' },
  { pane, on: ['J'], run: 'rollout next', desc: 'Next rollout, from within its detail too', moves: true },
  { pane, on: ['K'], run: 'rollout previous', desc: 'Previous rollout', moves: true },
  { pane, on: [']'], run: 'step next', desc: 'Next step of the transcript', moves: true },
  { pane, on: ['['], run: 'step previous', desc: 'Previous step of the transcript', moves: true },
  { pane, on: ['E'], run: 'unfold all', desc: 'Unfold every step', moves: true },
  { pane, on: ['C'], run: 'fold all', desc: 'Fold every step', moves: true },
  {
    pane,
    on: ['o'],
    run: 'sort',
    desc: 'Sort: task, state, steps, tokens, idle time, stuck first; rows then stay where they are',
    footer: 'sort',
    moves: true,
  },
  { pane, on: ['O'], run: 'sort again', desc: 'Sort anew by what the rollouts are now', moves: true },
  { pane, on: ['b'], run: 'group', desc: 'Group by task, with the rate of each', footer: 'by task', moves: true },
]
