import { axolotl } from './axolotl.ts'
import type { Exporter } from './exporter.ts'
import { jsonl, pairsJsonl } from './jsonl.ts'
import { llamaFactory } from './llama-factory.ts'
import { openrlhf } from './openrlhf.ts'
import { predictions } from './predictions.ts'
import { trees } from './trees.ts'
import { trl, trlSft } from './trl.ts'

/** Every export format, in the order `sealign export --list-formats` shows them. */
export const EXPORTERS: readonly Exporter[] = [
  trl,
  trlSft,
  llamaFactory,
  openrlhf,
  axolotl,
  trees,
  jsonl,
  pairsJsonl,
  predictions,
]
