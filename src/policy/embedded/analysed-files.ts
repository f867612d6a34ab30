import { type LineEdit, lineEditOf } from './edits/edit-lines.ts'
import type { Mutation } from './edits/mutation.ts'
import { mutationsOf } from './edits/mutations.ts'
import { sourceModelOf, type SourceModel } from './source-model.ts'

/** What follows from a file's text alone, each part worked out when it is first asked for. */
export interface AnalysedFile {
  readonly source: SourceModel
  /** All changes the operators find. */
  mutations(): readonly Mutation[]
  /** One of them as the editor takes it; `undefined` where it cannot be written so. */
  edit(mutation: Mutation): LineEdit | undefined
}

/** Texts remembered: the files of the packages at work in the versions being tried, some tens of megabytes at most. */
const MAX_REMEMBERED = 256

const remembered = new Map<string, AnalysedFile | undefined>()

/**
 * Analyses a file; `undefined` when it does not parse or is too long. A pure function of the text: the newest texts are
 * remembered, since every step of every rollout of a package asks for the same ones.
 */
export function analysedFile(text: string): AnalysedFile | undefined {
  if (remembered.has(text)) {
    const known = remembered.get(text)
    remembered.delete(text)
    remembered.set(text, known)
    return known
  }
  const source = sourceModelOf(text)
  const file = source === undefined ? undefined : analysed(source)
  remembered.set(text, file)
  const [oldest] = remembered.keys()
  if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
  return file
}

function analysed(source: SourceModel): AnalysedFile {
  let mutations: readonly Mutation[] | undefined
  const edits = new Map<Mutation, LineEdit | undefined>()
  return {
    source,
    mutations: () => (mutations ??= mutationsOf(source)),
    edit(mutation) {
      if (!edits.has(mutation)) edits.set(mutation, lineEditOf(source, mutation))
      return edits.get(mutation)
    },
  }
}
