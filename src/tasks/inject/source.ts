import { type AnyNode, parse } from 'acorn'

/** A node of a syntax tree and the nodes it lies in, nearest last. */
export interface PlacedNode {
  readonly node: AnyNode
  readonly ancestors: readonly AnyNode[]
}

/** A JavaScript module and its nodes, in the order they begin. */
export interface Source {
  readonly text: string
  readonly nodes: readonly PlacedNode[]
}

/** Replaces `text.slice(from, to)`. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** `undefined`: the text is no JavaScript module. */
export function parsedSource(text: string): Source | undefined {
  try {
    const program: AnyNode = parse(text, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true })
    return { text, nodes: [...placed(program, [])] }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

export function edited(text: string, edit: Edit): string {
  return text.slice(0, edit.from) + edit.text + text.slice(edit.to)
}

export function parentOf({ ancestors }: PlacedNode): AnyNode | undefined {
  return ancestors.at(-1)
}

export function textOf(source: Source, node: Pick<AnyNode, 'start' | 'end'>): string {
  return source.text.slice(node.start, node.end)
}

/** A list of statements this node is one of; `undefined`: it stands alone, as after `else`. */
export function siblingsOf(place: PlacedNode): readonly AnyNode[] | undefined {
  const parent = parentOf(place)
  return parent?.type === 'BlockStatement' || parent?.type === 'Program' ? parent.body : undefined
}

/** The node with its whole lines where nothing else stands on them, so that no empty line is left behind. */
export function linesOf({ text }: Source, node: Pick<AnyNode, 'start' | 'end'>): { from: number; to: number } {
  const from = text.lastIndexOf('\n', node.start - 1) + 1
  const newline = text.indexOf('\n', node.end)
  const to = newline === -1 ? text.length : newline + 1
  const around = text.slice(from, node.start) + text.slice(node.end, to)
  return around.trim() === '' ? { from, to } : { from: node.start, to: node.end }
}

function* placed(node: AnyNode, ancestors: readonly AnyNode[]): Generator<PlacedNode> {
  yield { node, ancestors }
  const below = [...ancestors, node]
  const children = Object.values(node).flat().filter(isNode)
  for (const child of children.sort((left, right) => left.start - right.start)) yield* placed(child, below)
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'end' in value
}
