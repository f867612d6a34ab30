import { z } from 'zod'

/** A chat message as OpenAI writes it. Unknown fields are left alone. */
const ChatMessage = z.looseObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string().nullable(),
  tool_calls: z
    .array(
      z.looseObject({
        type: z.literal('function').optional(),
        id: z.string().optional(),
        function: z.looseObject({ name: z.string(), arguments: z.union([z.string(), z.record(z.string(), z.json())]) }),
      }),
    )
    .optional(),
  tool_call_id: z.string().optional(),
  name: z.string().optional(),
})

/** Chat templates of the trainer: Qwen2.5's, or the one that comes with the model. */
const TEMPLATES = ['qwen2.5', 'model'] as const
export type TemplateName = (typeof TEMPLATES)[number]

/**
 * One line of trees.jsonl: a Task's Trajectories merged where their messages are the same, and its Pairs
 * (trainer/contract/tree.schema.json). Nodes stand after their parents. Nothing but action nodes is learnt; each holds one
 * assistant message.
 */
export const TreeLine = z.looseObject({
  v: z.literal(1),
  tree_id: z.string().min(1),
  /** The Task. */
  instance_id: z.string().min(1),
  /** `owner/name`; the validation split is by repository. */
  repo: z.string().nullable(),
  split: z.enum(['train', 'val']).nullable(),
  tools: z.array(z.json()).nullable(),
  template: z.enum(TEMPLATES),
  nodes: z
    .array(
      z.looseObject({
        id: z.string(),
        parent: z.string().nullable(),
        kind: z.enum(['prompt', 'action', 'obs']),
        messages: z.array(ChatMessage),
        /** Trajectories with a known Outcome through the node, and the resolved ones of them. */
        n: z.int().min(0),
        n_success: z.int().min(0),
        /** n_success / n; null where n is 0. */
        score: z.number().min(0).max(1).nullable(),
      }),
    )
    .min(1),
  trajectories: z.array(
    z.looseObject({ id: z.string(), leaf: z.string(), resolved: z.boolean().nullable(), source: z.string() }),
  ),
  pairs: z.array(
    z.looseObject({
      id: z.string(),
      /** Parent of both actions. */
      at: z.string(),
      chosen: z.string(),
      rejected: z.string(),
      score_chosen: z.number().min(0).max(1),
      score_rejected: z.number().min(0).max(1),
      weight: z.number().positive(),
    }),
  ),
})
export type TreeLine = z.infer<typeof TreeLine>
