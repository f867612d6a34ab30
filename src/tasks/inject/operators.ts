import { argumentOrder, property, result, variable } from './name-operators.ts'
import { guard, order, statement } from './statement-operators.ts'
import {
  arithmetic,
  awaiting,
  boolean,
  call,
  comparison,
  literal,
  logical,
  negation,
  type Operator,
} from './token-operators.ts'

/** Every kind of bug that is made, by the name it has in the ids of Tasks. */
export const OPERATORS = {
  comparison,
  arithmetic,
  logical,
  literal,
  boolean,
  negation,
  call,
  await: awaiting,
  arguments: argumentOrder,
  variable,
  result,
  property,
  guard,
  statement,
  order,
} as const satisfies Readonly<Record<string, Operator>>

export type OperatorName = keyof typeof OPERATORS

export const OPERATOR_NAMES = Object.keys(OPERATORS) as readonly OperatorName[]
