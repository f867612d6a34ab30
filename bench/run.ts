// `npm run -s bench -- NAME [--json] [--full]`: one benchmark; with --json the last line is one JSON object.
import { parseArgs } from 'node:util'

/** What every benchmark module offers. */
interface Bench {
  run(options: { readonly full: boolean }): Promise<object>
}

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  import: () => import('./import.ts'),
  tree: () => import('./tree.ts'),
  screen: () => import('./screen.ts'),
  chart: () => import('./chart.ts'),
  rollout: () => import('./rollout.ts'),
  demo: () => import('./demo.ts'),
  trainer: () => import('./trainer.ts'),
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, full: { type: 'boolean', default: false } },
})
const load = BENCHES[positionals[0] ?? '']
if (!load) {
  console.error(`Usage: npm run -s bench -- ${Object.keys(BENCHES).join('|')} [--json] [--full]`)
  process.exit(2)
}
const result = await (await load()).run({ full: values.full })
if (values.json) console.log(JSON.stringify(result))
else
  for (const [name, value] of Object.entries(result))
    console.log(`${name.padEnd(20)} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
