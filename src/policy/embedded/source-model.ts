import { type AnyNode, type Program, parse } from 'acorn'
import { declares, isProperty, ownerOf, ownName } from './source-names.ts'

/** A function of a file, or a method, or an arrow; what stands outside of all is in none. */
export interface SourceFunction {
  /** Own name, or that of the variable, property or method it becomes; a callback has the name of the function around it. */
  readonly name: string
  /** Whether the name is its own. */
  readonly named: boolean
  /** Class it is a method of; `''`: none. */
  readonly owner: string
  readonly node: AnyNode
  readonly parent: SourceFunction | undefined
  readonly isAsync: boolean
  /** Names of its parameters, those taken apart included. */
  readonly parameters: readonly string[]
  /** Names declared directly in it, parameters included, each with the offset from which it can be used. */
  readonly declared: Map<string, number>
  /** How often each name stands in it, callbacks included, declarations left out. */
  readonly uses: Map<string, number>
  /** Names that stand as properties in it, callbacks included: `.push`, `.length`. */
  readonly members: Set<string>
}

/** A node with what is around it. */
export interface Place {
  readonly node: AnyNode
  readonly parent: Place | undefined
  /** Property of the parent that holds it: `test`, `body`. */
  readonly slot: string
  readonly within: SourceFunction | undefined
  /** Nesting of statements and functions around it. */
  readonly depth: number
  /** Loops around it within its function. */
  readonly loops: number
}

/** A file as its syntax tells it. */
export interface SourceModel {
  readonly text: string
  readonly lines: readonly string[]
  readonly program: Program
  /** Every node, outer ones first, in the order of the text. */
  readonly places: readonly Place[]
  readonly functions: readonly SourceFunction[]
  /** Names declared outside of functions, imports included, each with the offset from which it can be used. */
  readonly moduleNames: ReadonlyMap<string, number>
  /** How often each name stands as a property: `.length`, `#items`. */
  readonly properties: ReadonlyMap<string, number>
  /** Index from 0 of the line an offset is in. */
  lineOf(offset: number): number
}

/** Longest file that is looked at, UTF-16 units; longer ones get no edits. */
const MAX_LENGTH = 30_000
/** Deeper nesting than this is no program that a person wrote. */
const MAX_DEPTH = 150

/** Reads a JavaScript file; `undefined` when it does not parse or is too long. */
export function sourceModelOf(text: string): SourceModel | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const program = parsed(text, 'module') ?? parsed(text, 'script')
  if (program === undefined) return undefined
  const walk = new Walk(text)
  try {
    walk.visit(program, undefined, '', 0)
  } catch (error) {
    if (error instanceof TooDeep) return undefined
    throw error
  }
  return walk.model(program)
}

/** The text of a node. */
export function textOf(
  { text }: SourceModel,
  { start, end }: { readonly start: number; readonly end: number },
): string {
  return text.slice(start, end)
}

/** Nodes directly below a node, in the order of the text. */
export function childrenOf(node: AnyNode): (readonly [slot: string, child: AnyNode])[] {
  const children: (readonly [string, AnyNode])[] = []
  for (const [slot, value] of Object.entries(node)) {
    if (Array.isArray(value)) for (const member of value) if (isNode(member)) children.push([slot, member])
    if (isNode(value)) children.push([slot, value])
  }
  return children.sort(([, a], [, b]) => a.start - b.start)
}

/** Names a pattern declares: `{ a, b: [c] }` declares a and c. */
export function declaredBy(pattern: AnyNode | null | undefined): string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name]
    case 'AssignmentPattern':
      return declaredBy(pattern.left)
    case 'RestElement':
      return declaredBy(pattern.argument)
    case 'ArrayPattern':
      return pattern.elements.flatMap(declaredBy)
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        declaredBy(property.type === 'RestElement' ? property : property.value),
      )
    default:
      return []
  }
}

class TooDeep extends Error {}

function parsed(text: string, sourceType: 'module' | 'script'): Program | undefined {
  try {
    return parse(text, {
      ecmaVersion: 'latest',
      sourceType,
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
      allowHashBang: true,
    })
  } catch {
    return undefined
  }
}

function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === 'object' && value !== null && 'type' in value && 'start' in value && typeof value.type === 'string'
  )
}

const LOOPS: ReadonlySet<string> = new Set([
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
])

/** One pass over a program. */
class Walk {
  readonly #text: string
  readonly #lineStarts: number[] = [0]
  readonly #places: Place[] = []
  readonly #functions: SourceFunction[] = []
  readonly #moduleNames = new Map<string, number>()
  readonly #properties = new Map<string, number>()

  constructor(text: string) {
    this.#text = text
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1)
  }

  model(program: Program): SourceModel {
    const starts = this.#lineStarts
    return {
      text: this.#text,
      lines: this.#text.split('\n'),
      program,
      places: this.#places,
      functions: this.#functions,
      moduleNames: this.#moduleNames,
      properties: this.#properties,
      lineOf: (offset) => lineAt(starts, offset),
    }
  }

  visit(node: AnyNode, parent: Place | undefined, slot: string, level: number): void {
    if (level > MAX_DEPTH) throw new TooDeep()
    const outer = parent?.within
    const within = isFunction(node) ? this.#function(node, parent, outer) : outer
    const isStatement = node.type.endsWith('Statement') || isFunction(node)
    const place: Place = {
      node,
      parent,
      slot,
      within,
      depth: (parent?.depth ?? 0) + (isStatement ? 1 : 0),
      loops: within === outer ? (parent?.loops ?? 0) + (LOOPS.has(node.type) ? 1 : 0) : 0,
    }
    this.#places.push(place)
    this.#note(place, outer)
    for (const [childSlot, child] of childrenOf(node)) this.visit(child, place, childSlot, level + 1)
  }

  #function(node: FunctionNode, parent: Place | undefined, outer: SourceFunction | undefined): SourceFunction {
    const own = ownName(node, parent)
    const parameters = node.params.flatMap(declaredBy)
    const made: SourceFunction = {
      name: own ?? outer?.name ?? '',
      named: own !== undefined,
      owner: ownerOf(parent),
      node,
      parent: outer,
      isAsync: node.async,
      parameters,
      declared: new Map(parameters.map((name) => [name, 0])),
      uses: new Map(),
      members: new Set(),
    }
    this.#functions.push(made)
    return made
  }

  /** @param outer - the function around the node, for a function the one around it. */
  #note({ node, parent, slot, within }: Place, outer: SourceFunction | undefined): void {
    const scope = outer?.declared ?? this.#moduleNames
    switch (node.type) {
      case 'VariableDeclarator':
        for (const name of declaredBy(node.id)) scope.set(name, node.end)
        return
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
        if (node.id !== null) scope.set(node.id.name, 0)
        return
      case 'ImportSpecifier':
      case 'ImportDefaultSpecifier':
      case 'ImportNamespaceSpecifier':
        scope.set(node.local.name, 0)
        return
      case 'Identifier':
      case 'PrivateIdentifier':
        if (isProperty(node, parent, slot)) {
          this.#count(this.#properties, node.name)
          if (slot === 'property') for (let fn = within; fn !== undefined; fn = fn.parent) fn.members.add(node.name)
          return
        }
        if (!declares(parent, slot)) {
          for (let fn = within; fn !== undefined; fn = fn.parent) this.#count(fn.uses, node.name)
        }
        return
      default:
        return
    }
  }

  #count(counts: Map<string, number>, name: string): void {
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
}

export type FunctionNode = Extract<
  AnyNode,
  { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }
>

export function isFunction(node: AnyNode): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
  )
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
