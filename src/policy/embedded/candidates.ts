import type { AgentState } from './agent-state.ts'
import { type AnalysedFile, analysedFile } from './analysed-files.ts'
import type { LineEdit } from './edits/edit-lines.ts'
import type { Mutation } from './edits/mutation.ts'
import { evidenceOf } from './evidence.ts'
import type { KnownFile } from './known-files.ts'
import type { SourceFunction, SourceModel } from './source-model.ts'
import { type FileSuspicion, type FunctionSuspicion, type LineSuspicion, suspicionsOf } from './suspicion.ts'

/** A change of a seen file that could be the fix. */
export interface Candidate extends LineEdit {
  readonly file: KnownFile
  readonly source: SourceModel
  readonly mutation: Mutation
  readonly inFunction: FunctionSuspicion
  readonly onLine: LineSuspicion
  /** The line's suspicion and the operator's weight together. */
  readonly score: number
}

/** Edits that are offered in one reply. */
export const MAX_CANDIDATES = 80
/** Of one line, so that one long line does not take the room of all others. */
const MAX_PER_LINE = 26
/** What an operator's weight counts for beside the line's suspicion. */
const WEIGHT_POINTS = 4.5

/** The best edits over all source files that were seen, best first: a fixed score over what the conversation shows. */
export function candidatesOf(state: AgentState): readonly Candidate[] {
  const seen = state.files.flatMap((file) => {
    const analysis = file.role === 'other' || file.text === undefined ? undefined : analysedFile(file.text)
    return analysis === undefined ? [] : [{ file, analysis, source: analysis.source }]
  })
  const evidence = evidenceOf(
    state,
    seen.filter(({ file }) => file.role === 'test').map(({ source }) => source),
  )
  const sources = seen.filter(({ file }) => file.role === 'source')
  const suspicions = suspicionsOf(sources, evidence)
  const ranked = sources.flatMap(({ analysis }, at) => {
    const suspicion = suspicions[at]
    return suspicion === undefined ? [] : rankedMutations(suspicion, analysis)
  })
  ranked.sort((a, b) => b.score - a.score || a.order - b.order)
  return kept(ranked)
}

interface Ranked {
  readonly analysis: AnalysedFile
  readonly suspicion: FileSuspicion
  readonly mutation: Mutation
  readonly onLine: LineSuspicion
  readonly score: number
  /** Position in the text: settles equal scores. */
  readonly order: number
}

function rankedMutations(suspicion: FileSuspicion, analysis: AnalysedFile): Ranked[] {
  const { source } = suspicion
  const mutations = analysis.mutations().filter(({ place }) => !isTesting(place.within))
  return mutations.map((mutation) => {
    const anchor = mutation.start === mutation.end ? mutation.place.node.start : mutation.start
    const onLine = suspicion.lineOf(source.lineOf(anchor))
    const score = onLine.score + WEIGHT_POINTS * mutation.weight
    return { analysis, suspicion, mutation, onLine, score, order: mutation.start }
  })
}

/** A test beside the code it tests decides what is right; it is not what is to be changed. */
function isTesting(fn: SourceFunction | undefined): boolean {
  if (fn === undefined) return false
  return fn.members.has('assert') || fn.uses.has('assert') || isTesting(fn.parent)
}

/** The best that can be written as an edit; two that lead to the same text count once. */
function kept(ranked: readonly Ranked[]): readonly Candidate[] {
  const list: Candidate[] = []
  const results = new Set<string>()
  const perLine = new Map<string, number>()
  for (const { analysis, suspicion, mutation, onLine, score } of ranked) {
    if (list.length >= MAX_CANDIDATES) break
    const { file, source } = suspicion
    const line = `${file.path}:${source.lineOf(mutation.start)}`
    const count = perLine.get(line) ?? 0
    if (count >= MAX_PER_LINE) continue
    const edit = analysis.edit(mutation)
    if (edit === undefined || results.has(`${file.path}\n${edit.after}`)) continue
    results.add(`${file.path}\n${edit.after}`)
    perLine.set(line, count + 1)
    list.push({
      ...edit,
      file,
      source,
      mutation,
      onLine,
      inFunction: suspicion.functionOf(mutation.place.within),
      score,
    })
  }
  return list
}
