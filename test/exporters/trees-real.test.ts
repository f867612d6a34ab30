import { describe, expect, it } from 'vitest'
import { Analysis } from '../../sessions/analysis.ts'
import { Examples, type PrefixChoice } from '../../sessions/examples.ts'
import { exportFiles } from '../../src/exporters/export-files.ts'
import type { Dropped } from '../../src/exporters/exporter.ts'
import { trees } from '../../src/exporters/trees.ts'
import { trl, trlSft } from '../../src/exporters/trl.ts'
import { TreeLine } from '../../src/training/tree-line.ts'
import { hasMint, mintDrafts } from '../importers/mint-drafts.ts'
import { store, temporarySession } from '../sessions/temporary.ts'
import { collect, rowsOf } from './examples.ts'

if (!hasMint) process.stderr.write('skipped: trees of real runs, because ../shared/data/mint-humaneval is not there\n')

/** Everything of the MINT runs as trees.jsonl, and what other formats make of it. */
function exported(prefix: PrefixChoice = 'chosen') {
  const session = temporarySession()
  store(session, mintDrafts())
  const examples = new Examples(session, new Analysis(session, { ...session.settings, filter: false }), prefix)
  const dropped: Dropped[] = []
  const drop = (each: Dropped) => void dropped.push(each)
  const { files, result } = collect(exportFiles(trees, examples.trees('undecided', drop)))
  const rows = (exporter: typeof trl | typeof trlSft) => {
    const chunks =
      exporter.takes === 'pairs'
        ? exportFiles(exporter, examples.pairs('undecided', drop))
        : exportFiles(exporter, examples.trajectories('known', drop))
    const taken = collect(chunks)
    return { rows: rowsOf(taken.files.get(`${exporter.stem}.jsonl`)), dropped: taken.result.dropped }
  }
  const lines = rowsOf(files.get('trees.jsonl')).map((row) => TreeLine.parse(row))
  return { lines, dropped: [...dropped, ...result.dropped], pairs: rows(trl), trajectories: rows(trlSft) }
}

/** Reads paths of a line, and counts the characters of content on them. */
class Reading {
  readonly #nodes: ReadonlyMap<string, TreeLine['nodes'][number]>

  constructor(line: TreeLine) {
    this.#nodes = new Map(line.nodes.map((node) => [node.id, node]))
  }

  path(id: string): string[] {
    const node = this.#nodes.get(id)
    if (node === undefined) throw new Error(`there is no node ${id}`)
    return node.parent === null ? [id] : [...this.path(node.parent), id]
  }

  messages(id: string) {
    return this.path(id).flatMap((each) => this.#nodes.get(each)?.messages ?? [])
  }

  characters(ids: Iterable<string>): number {
    let sum = 0
    for (const id of ids) for (const { content } of this.#nodes.get(id)?.messages ?? []) sum += content?.length ?? 0
    return sum
  }
}

/** Characters of all pairs: as padded rows, as rows that hold their prefix once, and as trees. */
function characters(lines: readonly TreeLine[]) {
  const total = { padded: 0, shared: 0, tree: 0 }
  for (const line of lines) {
    const reading = new Reading(line)
    const needed = new Set<string>()
    for (const { at, chosen, rejected } of line.pairs) {
      const prefix = reading.characters(reading.path(at))
      const sides = [chosen, rejected].map((side) => reading.characters([side]))
      total.padded += 2 * (prefix + Math.max(...sides))
      total.shared += sides.reduce((sum, side) => sum + side, prefix)
      for (const id of [...reading.path(at), chosen, rejected]) needed.add(id)
    }
    total.tree += reading.characters(needed)
  }
  return total
}

describe.skipIf(!hasMint)('trees of the real MINT runs', () => {
  it('hold every pair as trl writes it and every judged trajectory as trl-sft does, and leave out the same', () => {
    const { lines, dropped, pairs, trajectories } = exported()
    expect(dropped).toHaveLength(4)
    expect([...pairs.dropped, ...trajectories.dropped].map(({ id }) => id).sort()).toEqual(
      dropped.map(({ id }) => id).sort(),
    )
    const sides = lines.flatMap((line) => {
      const reading = new Reading(line)
      return line.pairs.map(({ at, chosen, rejected }) =>
        JSON.stringify([reading.messages(at), ...[chosen, rejected].map((side) => reading.messages(side).slice(-1))]),
      )
    })
    expect(sides.toSorted()).toEqual(
      pairs.rows.map(({ prompt, chosen, rejected }) => JSON.stringify([prompt, chosen, rejected])).sort(),
    )
    const whole = lines.flatMap((line) => {
      const reading = new Reading(line)
      return line.trajectories.map(({ leaf }) => JSON.stringify(reading.messages(leaf)))
    })
    expect(whole.toSorted()).toEqual(trajectories.rows.map(({ messages }) => JSON.stringify(messages)).sort())
    expect([sides.length, whole.length]).toEqual([380, 808])
    expect(new Set(lines.map(({ tree_id }) => tree_id)).size).toBe(lines.length)
  })

  it('take a fifth of the characters of padded pairs and a third of those of pairs that share their prefix', () => {
    const total = characters(exported().lines)
    expect(total).toEqual({ padded: 4_303_562, shared: 2_359_731, tree: 736_111 })
    expect(total.padded / total.tree).toBeCloseTo(5.85, 2)
    expect(total.shared / total.tree).toBeCloseTo(3.21, 2)
  })

  it('with shared prefixes hold the same pairs after literal messages of one member, in fewer characters', () => {
    const { lines, pairs, dropped } = exported('shared')
    const actions = (rows: typeof pairs.rows) => rows.map(({ chosen, rejected }) => JSON.stringify([chosen, rejected]))
    const own = new Set(actions(exported().pairs.rows))
    expect(actions(pairs.rows).filter((pair) => !own.has(pair))).toEqual([])
    // The messages that one pair shares end in a way no trainer could use.
    expect([pairs.rows.length, dropped.length]).toEqual([379, 5])
    const told = new Set(
      lines.flatMap((line) => {
        const reading = new Reading(line)
        return line.trajectories.flatMap(({ leaf }) => reading.path(leaf).map((id) => `${line.tree_id} ${id}`))
      }),
    )
    // What stands before a pair is what somebody really said and saw.
    const places = lines.flatMap((line) => line.pairs.map(({ at }) => `${line.tree_id} ${at}`))
    expect(places.filter((place) => !told.has(place)).length).toBeLessThan(places.length / 50)
    const total = characters(lines)
    expect(total.padded / total.tree).toBeCloseTo(8.32, 2)
    expect(total.shared / total.tree).toBeCloseTo(4.57, 2)
  })
})
