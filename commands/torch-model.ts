import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { TorchTrainerSettings } from '../src/jobs/training-settings.ts'
import type { Run } from '../sessions/runs.ts'
import type { Session } from '../sessions/session.ts'
import { oneRun, weightsOfRun } from './train-model.ts'

/** A language model that the torch trainer starts from. */
export interface TorchModel {
  /** As people know it: `r3/sft`, a folder, a hub's name. */
  readonly name: string
  /** Absolute folder, or a hub's name. */
  readonly model: string
  /** Absolute folder of the LoRA adapter to go on from; null: none. */
  readonly adapter: string | null
}

/** Any of these is a tokenizer's file. */
const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json', 'tokenizer.model', 'vocab.json'] as const

/** Other formats may hold programs: they are not read. */
const WEIGHTS = /^model\b.*\.safetensors$/

/**
 * What a person calls a model of the torch trainer: a folder, a hub's name (`Qwen/Qwen2.5-Coder-7B-Instruct`), an earlier Run (`r3`) or
 * a stage of one (`r3/sft`), which means its model with what it learnt.
 * @param needs - `weights`: they must be there too; `config`: a plan does without.
 * @throws SealignError `usage` or `not-found`.
 */
export function torchModel(
  session: Session,
  { model: word, adapter: adapterWord }: { readonly model: string; readonly adapter?: string | undefined },
  needs: 'weights' | 'config',
): TorchModel {
  if (word === 'base')
    throw new SealignError('usage', 'the torch trainer starts from a language model: give its folder with --model', {
      hint: 'For example --model ~/models/Qwen2.5-Coder-7B-Instruct, or a hub’s name: Qwen/Qwen2.5-Coder-7B-Instruct',
    })
  const [, digits, stage] = /^r(\d{1,9})(?:\/(.+))?$/.exec(word) ?? []
  if (digits !== undefined) {
    if (adapterWord !== undefined)
      throw new SealignError('usage', `--adapter is of no use with --model ${word}: the run brings its own`)
    return modelOfRun(session, oneRun(session, `r${digits}`), stage)
  }
  const model = folderOrHubName(word, needs)
  return { name: model, model, adapter: adapterWord === undefined ? null : adapterFolder(adapterWord) }
}

function modelOfRun(session: Session, run: Run, stage: string | undefined): TorchModel {
  if (run.trainer !== 'torch')
    throw new SealignError(
      'usage',
      `run r${run.id} was trained by ${run.trainer}: it is no model of the torch trainer`,
      {
        hint: '`sealign train list` names the runs; or give --model FOLDER.',
      },
    )
  const weights = weightsOfRun(session, run, stage)
  const { model, method } = TorchTrainerSettings.shape.training.parse(JSON.parse(run.settings))
  const name = `r${run.id}/${weights.stage}`
  if (method === 'full') return { name, model: weights.path, adapter: null }
  return { name, model, adapter: weights.path }
}

function folderOrHubName(word: string, needs: 'weights' | 'config'): string {
  const folder = resolve(word)
  if (existsSync(folder)) {
    checkModelFolder(folder, needs)
    return folder
  }
  const [owner = '', ...rest] = word.split('/')
  if (rest.length === 1 && /^[\w.-]+\/[\w.-]+$/.test(word) && !/^\.+$/.test(owner) && !existsSync(owner)) return word
  throw new SealignError(
    'not-found',
    `there is no model ${JSON.stringify(word)}: no run, no folder, and no hub’s name`,
    {
      hint: 'Give a folder with config.json, tokenizer and weights, a hub’s name such as Qwen/Qwen2.5-Coder-7B-Instruct, or a run: r3, r3/sft.',
    },
  )
}

function checkModelFolder(folder: string, needs: 'weights' | 'config'): void {
  const files = filesOf(folder)
  const missing = [
    ...(files.includes('config.json') ? [] : ['config.json']),
    ...(TOKENIZER_FILES.some((name) => files.includes(name)) ? [] : ['a tokenizer (tokenizer.json)']),
    ...(needs === 'config' || files.some((name) => WEIGHTS.test(name)) ? [] : ['weights (*.safetensors)']),
  ]
  if (missing.length === 0) return
  const isAdapter = files.includes('adapter_config.json')
  throw new SealignError('not-found', `${folder} is no model: it lacks ${missing.join(' and ')}`, {
    hint: isAdapter
      ? 'It is an adapter: give it with --adapter, and its model with --model.'
      : 'A model’s folder is what `save_pretrained` writes, or a hub download.',
  })
}

const AdapterConfig = z.object({ peft_type: z.string(), r: z.int(), lora_alpha: z.number() })

function adapterFolder(word: string): string {
  const folder = resolve(word)
  readAdapter(folder)
  return folder
}

/** Rank and alpha of a LoRA adapter. @throws SealignError `not-found` when the folder holds none. */
export function readAdapter(folder: string): { readonly rank: number; readonly alpha: number } {
  const files = filesOf(folder)
  const config = files.includes('adapter_config.json')
    ? AdapterConfig.safeParse(parsed(join(folder, 'adapter_config.json')))
    : undefined
  if (
    config?.success === true &&
    config.data.peft_type === 'LORA' &&
    files.some((name) => /^adapter_model\./.test(name))
  )
    return { rank: config.data.r, alpha: config.data.lora_alpha }
  throw new SealignError('not-found', `${folder} holds no LoRA adapter: it lacks ${adapterLack(files)}`, {
    hint: 'An adapter’s folder is what PEFT’s save_pretrained writes, or a run’s own: r3/sft.',
  })
}

function adapterLack(files: readonly string[]): string {
  if (!files.includes('adapter_config.json')) return 'adapter_config.json'
  return files.some((name) => /^adapter_model\./.test(name))
    ? 'an adapter_config.json that describes one'
    : 'adapter_model.safetensors'
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    throw new SealignError('not-found', `the folder ${folder} cannot be read (${code})`, { cause: error })
  }
}
