import { isObject, type Json } from '../../domain/json.ts'
import { parsePythonJson } from './python-json.ts'
import { isStep } from './step-log.ts'
import type { TrainingFacts } from './training-facts.ts'

/** Settings of a Hugging Face trainer that a person asks about; it has a hundred more. */
const SHOWN = [
  ...['learning_rate', 'lr_scheduler_type', 'warmup_steps', 'warmup_ratio', 'num_train_epochs', 'max_steps'],
  ...['per_device_train_batch_size', 'gradient_accumulation_steps', 'optim', 'weight_decay', 'max_grad_norm'],
  ...['bf16', 'fp16', 'gradient_checkpointing', 'seed', 'max_length', 'packing', 'assistant_only_loss'],
  ...['beta', 'loss_type', 'label_smoothing', 'precompute_ref_log_probs', 'neftune_noise_alpha'],
]

const MAX_TEXT = 200

/** Takes what the Trainer's TensorBoard callback writes as texts: its arguments, and the model's configuration. */
export function hearText(tag: string, text: string, facts: TrainingFacts): void {
  if (tag !== 'args/text_summary' && tag !== 'model_config/text_summary') return
  const said = parsed(text)
  if (said === undefined) return
  if (tag === 'model_config/text_summary') {
    const dtype = said['dtype'] ?? said['torch_dtype']
    if (typeof dtype === 'string') facts.dtype = dtype
    return
  }
  const shown = SHOWN.filter((name) => isShown(said[name])).map((name) => [name, said[name] as Json] as const)
  facts.config = { ...facts.config, ...Object.fromEntries(shown) }
  const { num_train_epochs: epochs, max_steps: steps } = said
  if (typeof epochs === 'number' && epochs > 0 && Number.isFinite(epochs)) facts.epochs ??= epochs
  if (isStep(steps) && steps > 0) facts.totalSteps ??= steps
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value = parsePythonJson(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isShown(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= 20 && value.every((each) => !Array.isArray(each) && isShown(each))
  if (typeof value === 'string') return value.length <= MAX_TEXT
  return typeof value === 'number' || typeof value === 'boolean'
}
