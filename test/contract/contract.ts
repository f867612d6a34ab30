import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { EventLine } from '../../src/training/run-event.ts'
import { TorchControl, TorchRun } from '../../src/training/torch/settings.ts'
import { TreeLine } from '../../src/training/tree-line.ts'

const FOLDER = 'trainer/contract'

/** What the workbench and the torch trainer agree on: each part with its schema and the lines that show it. */
export const CONTRACT = [
  { name: 'tree', fixtures: 'trees', schema: TreeLine, title: 'A line of trees.jsonl' },
  { name: 'event', fixtures: 'events', schema: EventLine, title: 'A line of events.jsonl and of the trainer’s stdout' },
  { name: 'run', fixtures: 'runs', schema: TorchRun, title: 'run.json' },
  { name: 'control', fixtures: 'controls', schema: TorchControl, title: 'control.json' },
] as const

/** The JSON Schema as it lies in `trainer/contract`, of what is written: defaults may be left out. */
export function schemaText({ schema, title }: (typeof CONTRACT)[number]): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`
}

/** Lines of a fixture file. */
export function fixtureLines(name: string): unknown[] {
  return readFileSync(`${FOLDER}/fixtures/${name}.jsonl`, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
}

/** Lines that break the contract, each with the reason. */
export function badLines(name: string): { why: string; line: unknown }[] {
  return z.array(z.strictObject({ why: z.string(), line: z.unknown() })).parse(fixtureLines(name))
}
