// The workbench over a generated tree, for bench/screen.ts: `NODES STREAMS`; STREAMS sources change beside the tree at 10 Hz each.
import type { Tree } from '../../src/tree/tree.ts'
import { openWorkbench } from '../../views/app.tsx'
import type { CriticalInfo, TreeView, WorkbenchModel } from '../../views/model.ts'
import { RunCurves } from '../../views/run-curves.ts'
import type { Pane } from '../../views/pane.ts'
import { besideRows, fitRows, span } from '../../views/paint/row.ts'
import { TreePane } from '../../views/tree/pane.ts'

const NO_FIGURES = new RunCurves().figures()

const [nodes = 1_000_000, streams = 0] = process.argv.slice(2).map(Number)
const STREAM_CELLS = 60

/** A tree in which runs part again and again: `size` Nodes, three children each, so that every Node is a branch. */
function generatedTree(size: number): Tree {
  const ints = (fill: (node: number) => number) => Int32Array.from({ length: size }, (_, node) => fill(node))
  const parent = ints((node) => (node === 0 ? -1 : Math.floor((node - 1) / 3)))
  const visits = ints((node) => 2 + Math.floor((size - node) / 1_000))
  return {
    size,
    parent,
    firstChild: ints((node) => (3 * node + 1 < size ? 3 * node + 1 : -1)),
    nextSibling: ints((node) => (node > 0 && node % 3 !== 0 && node + 1 < size ? node + 1 : -1)),
    isObservation: new Uint8Array(size),
    step: ints((node) => (node === 0 ? 0 : 1 + (node % 30))),
    visits,
    successes: ints((node) => (node * 7919) % ((visits[node] ?? 0) + 1)),
    unknown: new Int32Array(size),
    ends: new Int32Array(size),
    member: new Int32Array(size),
    observationsDiffer: new Uint8Array(size),
    keyHigh: new Uint32Array(size),
    keyLow: new Uint32Array(size),
    trajectories: Int32Array.of(0),
    leaf: Int32Array.of(size - 1),
  }
}

const tree = generatedTree(nodes)
const critical: CriticalInfo = { delta: 0.8, confidence: 0.9, pairs: 1, chosen: 1, rejected: 2 }
const view: TreeView = {
  task: 'generated',
  tree,
  label: (node) => `bash pytest -x dask/array/tests/test_core_${node}.py::test_${node % 97}`,
  trajectory: () => ({ id: 0, outcome: 'resolved', steps: 30 }),
  members: () => [0],
  criticalNodes: Int32Array.from({ length: 100 }, (_, index) => Math.floor((index * nodes) / 100)),
  critical: (node) => (node % Math.ceil(nodes / 100) === 0 ? critical : undefined),
}

const listeners = new Set<() => void>()
const model: WorkbenchModel = {
  session: 'bench',
  tasks: () => ({
    state: 'ready',
    value: [{ task: 'generated', trajectories: 1_000, resolved: 400, nodes, branching: 1, critical: 100, pairs: 100 }],
  }),
  tree: () => ({ state: 'ready', value: view }),
  step: (_, t) => ({
    reply: {
      role: 'assistant',
      content: `thought ${t}`,
      toolCalls: [{ name: 'execute_bash', arguments: { command: `pytest ${t}` } }],
    },
    observation: [{ role: 'tool', content: `FAILED test_${t} - assert 3 == 4\n`.repeat(20) }],
  }),
  stepCount: () => 30,
  prompt: () => [],
  pairs: () => ({ state: 'ready', value: [] }),
  counts: () => ({ criticalNodes: 100, pairs: 100, tasks: 1, pending: 100, accepted: 0, rejected: 0, skipped: 0 }),
  settings: () => ({ mode: 'call', threshold: 0.5, inclusive: false, noFilter: false }),
  set: () => undefined,
  rollouts: () => ({ state: 'ready', value: [] }),
  rollout: () => ({ live: '', liveKind: '', nudges: [] }),
  jobs: () => [],
  runs: () => ({ state: 'ready', value: [] }),
  runFigures: () => NO_FIGURES,
  report: () => ({ state: 'loading' }),
  now: () => Date.now(),
  subscribe: (listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}

/** The tree pane with a counter of keys that changes all its cells with every key, and streams beside it. */
class BenchPane extends TreePane {
  #keys = 0
  readonly #streams = Array.from({ length: streams }, (_, index) => ({ index, lines: 0 }))

  start(): void {
    for (const stream of this.#streams) {
      setInterval(() => {
        stream.lines++
        for (const listener of listeners) listener()
      }, 100)
    }
  }

  override run(words: string, size: Parameters<Pane['run']>[1]): ReturnType<Pane['run']> {
    this.#keys++
    return super.run(words, size)
  }

  override rows(size: Parameters<Pane['rows']>[0]): ReturnType<Pane['rows']> {
    const mark = [span(String.fromCharCode(0x41 + (this.#keys % 26)).repeat(8))]
    const body = { ...size, height: size.height - 1 }
    if (streams === 0) return [mark, ...super.rows(body)]
    const left = super.rows({ ...body, width: size.width - STREAM_CELLS - 3 })
    const right = this.#streams.map(({ index, lines }) => [
      span(`run ${String(index).padStart(2)}  step ${lines}  bash sed -n ${lines},${lines * 7}p core.py`),
    ])
    return [mark, ...besideRows(fitRows(left, body.height), right, [size.width - STREAM_CELLS - 3, STREAM_CELLS])]
  }
}

const pane = new BenchPane(model)
pane.start()
process.exitCode = await openWorkbench({
  model,
  commands: { complete: () => [], run: async () => ({ type: 'message', text: '' }) },
  panes: [pane],
  stdin: process.stdin,
  stdout: process.stdout,
  env: process.env,
})
process.exit()
