/** Metrics that belong in one chart. */
export interface MetricChart {
  /** Stays the same while metrics are added: the name of the chart's first metric. */
  readonly key: string
  /** Raw. */
  readonly title: string
  /** Raw names of metrics, and the word of each in a legend. */
  readonly parts: readonly { readonly name: string; readonly label: string }[]
}

const HELD_OUT = 'eval_'

/** Charts that come first, in this order; each with the metrics drawn together. */
const KNOWN: readonly {
  readonly title: string
  readonly names: readonly (readonly [name: string, label: string])[]
}[] = [
  { title: 'loss', names: [['loss', 'train']] },
  { title: 'rewards/margins', names: [['rewards/margins', 'train']] },
  { title: 'rewards/accuracies', names: [['rewards/accuracies', 'train']] },
  {
    title: 'rewards',
    names: [
      ['rewards/chosen', 'chosen'],
      ['rewards/rejected', 'rejected'],
    ],
  },
  { title: 'learning_rate', names: [['learning_rate', 'train']] },
  { title: 'grad_norm', names: [['grad_norm', 'train']] },
  {
    title: 'logps',
    names: [
      ['logps/chosen', 'chosen'],
      ['logps/rejected', 'rejected'],
    ],
  },
  { title: 'mean_token_accuracy', names: [['mean_token_accuracy', 'train']] },
  { title: 'entropy', names: [['entropy', 'train']] },
  {
    title: 'tokens_per_second',
    names: [
      ['tokens_per_second', 'packed'],
      ['tokens_per_second_logical', 'logical'],
    ],
  },
  {
    title: 'utilization',
    names: [
      ['mfu', 'mfu'],
      ['hfu', 'hfu'],
    ],
  },
]

/** The charts of a Run: known metrics in their order, then whatever else its trainer says; held-out figures beside their own. */
export function metricCharts(names: readonly string[]): MetricChart[] {
  const left = new Set(names)
  const take = (name: string, label: string) => (left.delete(name) ? [{ name, label }] : [])
  const chartOf = (title: string, metrics: readonly (readonly [string, string])[]): MetricChart[] => {
    const parts = [
      ...metrics.flatMap(([name, label]) => take(name, label)),
      ...metrics.flatMap(([name, label]) => take(HELD_OUT + name, label === 'train' ? 'eval' : `eval ${label}`)),
    ]
    const [first] = parts
    return first === undefined ? [] : [{ key: metrics[0]?.[0] ?? first.name, title, parts }]
  }
  const known = KNOWN.flatMap(({ title, names: metrics }) => chartOf(title, metrics))
  const others = names.map((name) => (name.startsWith(HELD_OUT) ? name.slice(HELD_OUT.length) : name))
  return [...known, ...others.flatMap((name) => chartOf(name, [[name, 'train']]))]
}

/** What the `/` line asks for: charts with a metric whose name matches; what is no regular expression is looked for as it stands. */
export function chartMatcher(filter: string): {
  readonly matches: (chart: MetricChart) => boolean
  readonly literal: boolean
} {
  const text = filter.trim()
  const pattern = patternOf(text)
  const hit = (name: string) => pattern?.test(name) ?? name.toLowerCase().includes(text.toLowerCase())
  return {
    matches: ({ title, parts }) => text === '' || hit(title) || parts.some(({ name }) => hit(name)),
    literal: pattern === undefined,
  }
}

function patternOf(text: string): RegExp | undefined {
  try {
    return new RegExp(text, 'iu')
  } catch {
    return undefined
  }
}
