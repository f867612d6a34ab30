import type { RunRow } from '../run-model.ts'
import type { StyleName } from '../paint/style.ts'

/** How a Run stands: a mark of one cell says the same as its colour. */
export interface RunStanding {
  readonly mark: string
  readonly style: StyleName
}

const STANDINGS: Readonly<Record<RunRow['state'], RunStanding>> = {
  running: { mark: '▶', style: 'plain' },
  paused: { mark: '⏸', style: 'accent' },
  done: { mark: '✓', style: 'good' },
  stopped: { mark: '⊘', style: 'muted' },
  failed: { mark: '!', style: 'error' },
  lost: { mark: '!', style: 'error' },
}

/** How a Run stands. */
export function runStanding({ state }: RunRow): RunStanding {
  return STANDINGS[state]
}

/** Whether a Run can still make steps by itself. */
export function isLive({ state }: RunRow): boolean {
  return state === 'running' || state === 'paused'
}
