import { type AgentState, activeEdits, currentRun, newestFailure, type PastRun } from '../agent-state.ts'
import { type EditOutcome, outcomesOf } from '../edit-outcomes.ts'
import { ACTION_KINDS, type ActionKind } from '../past-actions.ts'
import { type Feature, flag, upTo } from './feature.ts'

/** What all proposals of one moment have in common. */
export interface StateFacts {
  readonly state: AgentState
  readonly run: PastRun | undefined
  readonly failure: PastRun | undefined
  /** Edits in force. */
  readonly active: number
  /** Outcome of the newest edit in force. */
  readonly outcome: EditOutcome | undefined
  readonly lastKind: ActionKind | undefined
  readonly lastFailed: boolean
  readonly sources: number
  readonly sourcesSeen: number
  readonly testSeen: boolean
}

export function stateFacts(state: AgentState): StateFacts {
  const sources = state.files.filter(({ role }) => role === 'source')
  const newest = state.edits.findLastIndex(({ undone }) => !undone)
  const last = state.actions.at(-1)
  return {
    state,
    run: currentRun(state),
    failure: newestFailure(state),
    active: activeEdits(state).length,
    outcome: newest < 0 ? undefined : outcomesOf(state)[newest],
    lastKind: last?.kind,
    lastFailed: last?.observed.failed === true,
    sources: sources.length,
    sourcesSeen: sources.filter(({ views }) => views > 0).length,
    testSeen: state.files.some(({ role, views }) => role === 'test' && views > 0),
  }
}

export const isPassing = ({ run }: StateFacts): boolean => run?.failing === 0
export const isFailing = ({ run }: StateFacts): boolean => run !== undefined && run.failing > 0
/** An edit is in force and the files were not tested since. */
export const isPending = ({ run, active }: StateFacts): boolean => active > 0 && run === undefined

export const STATE_FEATURES: readonly Feature<StateFacts>[] = [
  ['steps', ({ state }) => upTo(state.actions.length, 30)],
  ['first step', ({ state }) => flag(state.actions.length === 0)],
  ['repository listed', ({ state }) => flag(state.listed)],
  ['a source known', ({ sources }) => flag(sources > 0)],
  ['sources seen', ({ sources, sourcesSeen }) => (sources === 0 ? 0 : sourcesSeen / sources)],
  ['a source seen', ({ sourcesSeen }) => flag(sourcesSeen > 0)],
  ['a test seen', ({ testSeen }) => flag(testSeen)],
  ['tests ever run', ({ state }) => flag(state.runs.length > 0)],
  ['result known', ({ run }) => flag(run !== undefined)],
  ['passing', (facts) => flag(isPassing(facts))],
  ['failing', (facts) => flag(isFailing(facts))],
  ['crashed', ({ run }) => flag(run?.crashed === true)],
  ['failing tests', ({ run }) => upTo(run?.failing ?? 0, 5)],
  ['share failing', ({ run }) => (run === undefined || run.tests.length === 0 ? 0 : run.failing / run.tests.length)],
  ['edit pending', (facts) => flag(isPending(facts))],
  ['edits in force', ({ active }) => upTo(active, 3)],
  ['an edit in force', ({ active }) => flag(active > 0)],
  ['edits made', ({ state }) => upTo(state.edits.length, 8)],
  ['edits undone', ({ state }) => upTo(state.edits.filter(({ undone }) => undone).length, 8)],
  ['newest edit better', ({ outcome }) => flag(outcome === 'better')],
  ['newest edit same', ({ outcome }) => flag(outcome === 'same')],
  ['newest edit worse', ({ outcome }) => flag(outcome === 'worse')],
  ...ACTION_KINDS.map((kind): Feature<StateFacts> => [`last ${kind}`, ({ lastKind }) => flag(lastKind === kind)]),
  ['last failed', ({ lastFailed }) => flag(lastFailed)],
  ['repeated once', ({ state }) => flag(state.repeats >= 2)],
  ['repeated', ({ state }) => upTo(state.repeats - 1, 4)],
  ['nudges', ({ state }) => upTo(state.nudges, 3)],
  ['just nudged', ({ state }) => flag((state.actions.at(-1)?.observed.nudges ?? 0) > 0)],
]
