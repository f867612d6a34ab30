import type { Message } from '../domain/message.ts'
import { type LiteralPair, type LiteralTrajectory, literalTree } from '../training/literal-tree.ts'
import {
  openAiMessage,
  pairConversation,
  plainMessage,
  promptConversation,
  trajectoryConversation,
} from './conversation.ts'
import { type RowContext, type TreeExample, type TreeExporter, UnfitExample } from './exporter.ts'
import { openAiTools } from './tool-docs.ts'

/**
 * The trainer's own format (src/training/tree-line.ts): one Tree per line, so that every shared prefix is computed once. A Pair is
 * written as `trl` would write it and a Trajectory as `trl-sft` would, and what these would leave out is left out; then all are merged.
 */
export const trees: TreeExporter = {
  format: 'trees',
  summary: 'sealign trainer: one trajectory tree with its pairs per line',
  takes: 'trees',
  stem: 'trees',
  calls: ['literal', 'native', 'text'],
  oneFile: true,
  row: treeRow,
}

/** The line of one Tree, not yet text; throws `UnfitExample` when nothing of it can be trained on. */
export function treeRow(example: TreeExample, context: RowContext) {
  const { calls, split, template } = context
  const tools = example.tools ?? []
  const prompt = promptConversation(example.prompt, calls, tools)
  if (prompt.length === 0) throw new UnfitExample('there is no message before the first action')
  const belowPrompt = (messages: readonly Message[]): readonly Message[] => messages.slice(prompt.length)
  const trajectories = fit(example.trajectories, context, ({ id, outcome, source, steps }): LiteralTrajectory => {
    const messages = trajectoryConversation({ prompt: example.prompt, steps, tools }, calls)
    return { id, outcome, source, messages: belowPrompt(messages) }
  })
  const pairs = fit(example.pairs, context, ({ path, chosen, rejected, ...pair }): LiteralPair => {
    const written = pairConversation({ prefix: [...example.prompt, ...path], chosen, rejected, tools }, calls)
    return { ...pair, path: belowPrompt(written.prefix), chosen: written.chosen, rejected: written.rejected }
  })
  if (trajectories.length === 0 && pairs.length === 0) throw new UnfitExample('nothing of it can be trained on')
  const tree = literalTree(prompt, trajectories, pairs)
  const message = calls === 'text' ? plainMessage : openAiMessage
  return {
    v: 1,
    tree_id: example.id,
    instance_id: example.task,
    repo: example.repository ?? null,
    split,
    tools: example.tools === undefined || calls === 'text' ? null : openAiTools(tools),
    template,
    nodes: tree.nodes.map(({ id, parent, kind, messages, n, successes, score }) => ({
      id,
      parent,
      kind,
      messages: messages.map(message),
      n,
      n_success: successes,
      score,
    })),
    trajectories: tree.trajectories.map(({ id, leaf, outcome, source }) => ({
      id,
      leaf,
      resolved: outcome === 'unknown' ? null : outcome === 'resolved',
      source,
    })),
    pairs: tree.pairs.map(({ id, at, chosen, rejected, scores, weight }) => ({
      id,
      at,
      chosen,
      rejected,
      score_chosen: scores.chosen,
      score_rejected: scores.rejected,
      weight,
    })),
  }
}

/** What each part is written as; those a trainer should not see are left out with their reason. */
function fit<Part extends { readonly id: string }, Written>(
  parts: readonly Part[],
  { drop }: RowContext,
  write: (part: Part) => Written,
): readonly Written[] {
  return parts.flatMap((part) => {
    try {
      return [write(part)]
    } catch (error) {
      if (!(error instanceof UnfitExample)) throw error
      drop({ id: part.id, reason: error.message })
      return []
    }
  })
}
