import type { Operator } from '../edits/mutation.ts'
import { wordsOf } from '../words.ts'

/** Groups of words in reports that hint at a kind of bug; their crossings with groups of operators are features. */
const TOPICS = {
  bound:
    'last first final edge exactly limit boundary inclusive exclusive least most equal range within past beyond one many few early late short long cut miss skip index position extra less more',
  nothing: 'empty missing absent nothing none null zero blank unknown undefined lost disappear falsy crash throw',
  order:
    'order sort sorted before after reverse reversed swap swapped wrong way round direction ascending descending first last front back newest oldest',
  waiting:
    'await async promise pending concurrent race parallel resolve reject unhandled settle wait timeout rejection',
  opposite:
    'opposite instead invert inverted negate allow refuse accept reject reverse both either although even always never only unless',
  state:
    'again second twice reset clear keep stay old previous earlier leftover still share remember forget stale change modify mutate same copy original next',
  text: 'case upper lower capital space trim whitespace accent letter character string word line',
  every: 'all every only once each any some several multiple other rest occurrence',
  number:
    'sum total count average mean round decimal cent percent rate amount price half double negative positive large number minute second hour day size',
  wrong: 'wrong other mix confuse instead different belong',
} as const
export type Topic = keyof typeof TOPICS

export const TOPIC_NAMES = Object.keys(TOPICS) as readonly Topic[]

const stems: ReadonlyMap<Topic, ReadonlySet<string>> = new Map(
  TOPIC_NAMES.map((topic) => [topic, new Set(TOPICS[topic].split(' ').flatMap((word) => [...wordsOf(word)]))]),
)

/** How much of each topic there is in some words, 0 to 1. */
export function topicsOf(words: ReadonlySet<string>): Readonly<Record<Topic, number>> {
  const share = (topic: Topic): number => {
    const own = stems.get(topic)
    return Math.min(1, [...words].filter((word) => own?.has(word) === true).length / 2)
  }
  return {
    bound: share('bound'),
    nothing: share('nothing'),
    order: share('order'),
    waiting: share('waiting'),
    opposite: share('opposite'),
    state: share('state'),
    text: share('text'),
    every: share('every'),
    number: share('number'),
    wrong: share('wrong'),
  }
}

/** Families of operators that a topic speaks for. */
export const FAMILIES = {
  bounds: ['boundary', 'number', 'offset', 'direction'],
  tests: ['negation', 'logical', 'clause', 'equality', 'boolean', 'truthiness'],
  sums: ['arithmetic', 'grouping', 'assignment', 'number'],
  names: ['variable', 'property', 'operand-order'],
  calls: ['call-name', 'call-argument', 'call-wrap', 'string'],
  lines: ['reset', 'guard', 'statement-copy', 'statement-move', 'statement-drop', 'return', 'copy'],
  waits: ['await'],
} as const satisfies Readonly<Record<string, readonly Operator[]>>
export type Family = keyof typeof FAMILIES

export function isOfFamily(operator: Operator, family: Family): boolean {
  const operators: readonly Operator[] = FAMILIES[family]
  return operators.includes(operator)
}

/** Crossings that are features: topic and family. */
export const CROSSINGS: readonly (readonly [Topic, Family])[] = [
  ['bound', 'bounds'],
  ['bound', 'tests'],
  ['nothing', 'tests'],
  ['nothing', 'lines'],
  ['order', 'names'],
  ['order', 'bounds'],
  ['order', 'calls'],
  ['order', 'lines'],
  ['waiting', 'waits'],
  ['waiting', 'lines'],
  ['opposite', 'tests'],
  ['state', 'lines'],
  ['text', 'calls'],
  ['every', 'calls'],
  ['every', 'tests'],
  ['number', 'sums'],
  ['number', 'calls'],
  ['wrong', 'names'],
]
