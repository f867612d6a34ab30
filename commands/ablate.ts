import { join, resolve } from 'node:path'
import { homedir } from 'node:os'
import {
  ABLATION_VARIANTS,
  type AblationRow,
  type AblationTable,
  ablationRows,
  WHOLE_METHOD,
} from '../src/evaluation/ablation.ts'
import { AblationRun } from './ablation-run.ts'
import { ABLATE_ARGS } from './ablation-settings.ts'
import { ablationText } from './ablation-text.ts'
import { defineCommand } from './define.ts'

/** The tables of one call. */
interface AblateResult {
  readonly folder: string
  readonly seeds: number
  readonly tables: readonly { readonly table: AblationTable; readonly rows: readonly AblationRow[] }[]
  readonly exitCode: number
}

export const ablateCommand = defineCommand({
  name: 'ablate',
  summary: 'Take the method apart on the embedded policy: tables 5 and 6 of the paper, thresholds, merge modes',
  example: 'sealign ablate --table parts --seeds 5',
  args: ABLATE_ARGS,
  async run(args, context): Promise<AblateResult> {
    const folder = resolve(args.out ?? join(dataFolder(context.env), 'sealign', 'ablations'))
    const wanted = ABLATION_VARIANTS.filter(
      ({ name, tables }) => name === WHOLE_METHOD || tables.some((table) => args.table.includes(table)),
    )
    const results = await new AblationRun(folder, args, context).results(wanted)
    return {
      folder,
      seeds: args.seeds,
      tables: args.table.map((table) => ({ table, rows: ablationRows(results, table) })),
      exitCode: context.signal.aborted ? 130 : 0,
    }
  },
  text: (result, style) => ablationText(result, style),
  json: ({ folder, seeds, tables }) => ({
    folder,
    seeds,
    tables: tables.map(({ table, rows }) => ({
      table,
      rows: rows.map(({ variant, ...row }) => ({ variant: variant.name, ...row, paper: variant.paper })),
    })),
  }),
})

function dataFolder(env: NodeJS.ProcessEnv): string {
  return env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share')
}
