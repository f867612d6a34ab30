import type { PaperRow } from './report.ts'

/** Table 2: SWE-bench Lite (300 tasks) and Verified (500). */
const LITE = 'SWE-bench Lite, table 2'
const VERIFIED = 'SWE-bench Verified, table 2'
const SYSTEMS_VERIFIED = 'SWE-bench Verified, table 3'
const SYSTEMS_LITE = 'SWE-bench Lite, table 3'
const FIX = 'HumanEvalFix, table 4'
const ABLATION = 'ablation on Lite, table 5'
const SCALING = 'data scaling on Lite, table 6'
const FRAMEWORKS = 'frameworks on Lite, table 8'

/** The tables that show what a report shows. */
export const PAPER_TABLES = {
  lite: LITE,
  verified: VERIFIED,
  fix: FIX,
  ablation: ABLATION,
} as const

/** What the paper prints (arXiv 2503.18455), percent, table by table. */
export const PAPER_ROWS: readonly PaperRow[] = [
  { table: LITE, model: 'Qwen-7B', emptyPatch: 53, stuck: 45.3, resolved: 1 },
  { table: LITE, model: 'SEAlign-7B', emptyPatch: 22, stuck: 24, resolved: 15 },
  { table: LITE, model: 'Qwen-14B', emptyPatch: 50.3, stuck: 35, resolved: 3.7 },
  { table: LITE, model: 'SEAlign-14B', emptyPatch: 17, stuck: 22, resolved: 17.7 },
  { table: VERIFIED, model: 'Qwen-7B', emptyPatch: 49.4, stuck: 39, resolved: 0.8 },
  { table: VERIFIED, model: 'SEAlign-7B', emptyPatch: 25.2, stuck: 19.2, resolved: 18.6 },
  { table: VERIFIED, model: 'Qwen-14B', emptyPatch: 52, stuck: 27.8, resolved: 2.8 },
  { table: VERIFIED, model: 'SEAlign-14B', emptyPatch: 22.8, stuck: 15.6, resolved: 21.8 },
  { table: FIX, model: 'Qwen-7B', withoutAgent: 46.9, resolved: 18.9, invalidPatch: 60.4 },
  { table: FIX, model: 'SEAlign-7B', withoutAgent: 46.3, resolved: 55.5, invalidPatch: 13.4 },
  { table: FIX, model: 'Qwen-14B', withoutAgent: 54.3, resolved: 31.1, invalidPatch: 43.3 },
  { table: FIX, model: 'SEAlign-14B', withoutAgent: 52.4, resolved: 62.8, invalidPatch: 10.4 },
  { table: ABLATION, model: 'none', emptyPatch: 50.3, resolved: 3.7 },
  { table: ABLATION, model: 'SFT only', emptyPatch: 22, resolved: 13 },
  { table: ABLATION, model: 'DPO only', emptyPatch: 24.3, resolved: 10.7 },
  { table: ABLATION, model: 'whole-trajectory pairs', emptyPatch: 41.3, resolved: 5.3 },
  { table: ABLATION, model: 'SFT + fine-grained DPO', emptyPatch: 17, resolved: 17.7 },
  { table: SCALING, model: '0 %', emptyPatch: 50.3, resolved: 3.7 },
  { table: SCALING, model: '25 %', emptyPatch: 35, resolved: 9 },
  { table: SCALING, model: '50 %', emptyPatch: 28.7, resolved: 13.7 },
  { table: SCALING, model: '75 %', emptyPatch: 22, resolved: 16 },
  { table: SCALING, model: '100 %', emptyPatch: 17, resolved: 17.7 },
  { table: SCALING, model: '+50 % on-policy', emptyPatch: 17, resolved: 16.3 },
  ...systems(SYSTEMS_VERIFIED, [
    ['SWE-agent (Claude-3-Opus)', 7],
    ['RAG (GPT-4)', 2.8],
    ['Agentless (GPT-4o)', 31.8],
    ['Moatless Tools (Claude-3.5-Sonnet)', 33.6],
    ['OpenHands (Claude-3.5-Sonnet)', 50.8],
    ['SWE-Llama RAG 13B', 1.2],
    ['SWE-Gym 7B', 10.6],
    ['SWE-Gym 14B', 16.4],
    ['SWE-Gym 32B', 20.6],
    ['Lingma SWE-GPT 72B', 30.2],
    ['SWE-Fixer 72B', 32.8],
    ['SEAlign 7B', 18.6],
    ['SEAlign 14B', 21.8],
  ]),
  ...systems(SYSTEMS_LITE, [
    ['SWE-agent (Claude-3-Opus)', 4.3],
    ['RAG (GPT-4)', 2.7],
    ['RepoGraph (GPT-4o)', 19],
    ['OpenHands (GPT-4o)', 21],
    ['AutoCodeRover (GPT-4o)', 30.7],
    ['SWE-SynInfer (GPT-4o)', 22],
    ['Agentless (GPT-4o)', 20.7],
    ['Moatless Tools (Claude-3.5-Sonnet)', 23],
    ['OpenHands (Claude-3.5-Sonnet)', 40.7],
    ['SWE-Llama RAG 13B', 1],
    ['AutoCodeRover 72B', 9.3],
    ['SWE-Gym 7B', 10],
    ['SWE-Gym 14B', 12.7],
    ['SWE-Gym 32B', 15.3],
    ['Lingma SWE-GPT 72B', 22],
    ['SWE-Fixer 72B', 24.7],
    ['SEAlign 7B', 15],
    ['SEAlign 14B', 17.7],
  ]),
  ...systems(FRAMEWORKS, [
    ['OpenHands, Qwen-14B', 3.7],
    ['OpenHands, SEAlign-14B', 17.7],
    ['OpenHands, GPT-4o', 21],
    ['AutoCodeRover, Qwen-14B', 2],
    ['AutoCodeRover, SEAlign-14B', 5.7],
    ['AutoCodeRover, GPT-4o', 30.7],
  ]),
]

/** Tables that print the resolved rate alone. */
function systems(table: string, rows: readonly (readonly [model: string, resolved: number])[]): PaperRow[] {
  return rows.map(([model, resolved]) => ({ table, model, resolved }))
}

/** The tables that belong beside some Evaluations: always Lite and Verified, HumanEvalFix and the ablation where it fits. */
export function fittingTables(
  evaluations: readonly { readonly name: string; readonly model: string; readonly tasks: readonly string[] }[],
): readonly string[] {
  const fix = evaluations.some(({ tasks }) => tasks.some((task) => HUMAN_EVAL.test(task)))
  const ablation = evaluations.some(({ name, model }) => VARIANT.test(`${name} ${model}`))
  return [LITE, VERIFIED, ...(fix ? [FIX] : []), ...(ablation ? [ABLATION] : [])]
}

const HUMAN_EVAL = /^(?:Python|JavaScript|js|python)[/_]+\d+$/i
/** Part of the method by name: what table 5 tells apart. */
const VARIANT = /\bsft\b|\bdpo\b|trajectory/i
