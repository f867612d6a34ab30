import { PROPOSAL_KINDS, type Proposal } from '../proposals.ts'
import { isIn } from '../suspicion.ts'
import { wordsOf } from '../words.ts'
import { type Feature, flag, upTo } from './feature.ts'
import { isFailing, isPassing, isPending, type StateFacts } from './state-features.ts'

/** A proposal in its moment. */
export interface KindFacts {
  readonly proposal: Proposal
  readonly facts: StateFacts
  /** Words of the issue. */
  readonly words: ReadonlySet<string>
}

type Test = (facts: StateFacts) => boolean

const crossing = (name: string, kind: Proposal['kind'], holds: Test): Feature<KindFacts> => [
  name,
  ({ proposal, facts }) => flag(proposal.kind === kind && holds(facts)),
]

/** The kind, and what a moment makes of it: the products a decent engineer goes by. */
export const KIND_FEATURES: readonly Feature<KindFacts>[] = [
  ...PROPOSAL_KINDS.map((kind): Feature<KindFacts> => [`kind ${kind}`, ({ proposal }) => flag(proposal.kind === kind)]),
  crossing('finish when passing', 'finish', isPassing),
  crossing('finish when failing', 'finish', isFailing),
  crossing('finish untested', 'finish', isPending),
  crossing('run when pending', 'run-tests', isPending),
  crossing('run before anything else', 'run-tests', ({ state }) => state.runs.length === 0),
  crossing('run what is known', 'run-tests', ({ run }) => run !== undefined),
  crossing('undo when nothing came of it', 'undo', ({ outcome }) => outcome === 'same' || outcome === 'worse'),
  crossing('undo what helped', 'undo', ({ outcome }) => outcome === 'better' || outcome === 'fixed'),
  crossing('undo untested', 'undo', isPending),
  crossing('edit a failing repository', 'edit', (facts) => isFailing(facts) && facts.active === 0),
  crossing('edit on top of an edit', 'edit', (facts) => isFailing(facts) && facts.active > 0),
  crossing('edit on top of one that helped', 'edit', ({ outcome }) => outcome === 'better'),
  crossing('edit while pending', 'edit', isPending),
  crossing('edit what passes', 'edit', isPassing),
  crossing('edit before the tests ran', 'edit', ({ state }) => state.runs.length === 0),
  crossing('list again', 'view-repository', ({ state }) => state.listed),
  crossing('view a source first', 'view-source', ({ sourcesSeen }) => sourcesSeen === 0),
  crossing('view a further source', 'view-source', ({ sourcesSeen }) => sourcesSeen > 0),
  crossing('view a test first', 'view-test', ({ testSeen }) => !testSeen),
  crossing('repeat what failed', 'repeat', ({ lastFailed }) => lastFailed),
  crossing('repeat again', 'repeat', ({ state }) => state.repeats >= 2),
  ['file shares words with the issue', ({ proposal, words }) => sharedWords(proposal, words)],
  ['file on the stack', ({ proposal, facts }) => flag(isOnStack(proposal, facts))],
  ['view what was seen', ({ proposal }) => flag(isView(proposal) && (proposal.file?.views ?? 0) > 0)],
]

function sharedWords({ file, kind }: Proposal, words: ReadonlySet<string>): number {
  if (file === undefined || kind === 'edit') return 0
  const own = wordsOf(file.name.replace(/\.\w+$/, '').replaceAll(/[-_/]/g, ' '))
  return own.size === 0 ? 0 : upTo([...own].filter((word) => words.has(word)).length, own.size)
}

function isOnStack({ file }: Proposal, { failure }: StateFacts): boolean {
  if (file === undefined || file.role !== 'source') return false
  return failure?.tests.some(({ frames }) => frames.some(({ path }) => isIn(path, file))) === true
}

function isView({ kind }: Proposal): boolean {
  return kind === 'view-source' || kind === 'view-test' || kind === 'view-other'
}
