/** Figures about the end of a training or about the machine's own business: no metric of a step. */
const NO_METRICS = new Set([
  'epoch',
  'total_flos',
  'train_loss',
  'train_runtime',
  'train_samples_per_second',
  'train_steps_per_second',
  'eval_runtime',
  'eval_samples_per_second',
  'eval_steps_per_second',
  'eval_model_preparation_time',
  'step',
  '__proto__',
])
const MAX_NAME = 200

/** Whether a figure by this name belongs to a step. */
export function isMetric(name: string): boolean {
  return name !== '' && name.length <= MAX_NAME && !NO_METRICS.has(name)
}

/** What TensorBoard's callback of the Hugging Face Trainer made of a metric's name, back again; other tags are names as they stand. */
export function nameOfTag(tag: string): string {
  if (tag.startsWith('train/')) return tag.slice('train/'.length)
  return tag.startsWith('eval/') ? `eval_${tag.slice('eval/'.length)}` : tag
}

/** Whether a Run that logs these compares replies (dpo). */
export function comparesReplies(names: readonly string[]): boolean {
  return names.some((name) => /^(eval_)?(rewards|logps)\//.test(name))
}
