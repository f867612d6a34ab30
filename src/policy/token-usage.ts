import { isObject } from '../domain/json.ts'

/** Tokens as a server counted them for one request. */
export interface TokenUsage {
  readonly prompt: number
  /** Over all choices of the request. */
  readonly completion: number
  /** Part of `prompt` that the server had in its prefix cache. */
  readonly cached?: number
}

/**
 * The count in a chunk or a whole answer: OpenAI's `usage` (cached tokens as OpenAI, vLLM, SGLang or DeepSeek tell them), else
 * llama.cpp's `timings`. `undefined` where there is none.
 */
export function readUsage(answer: Record<string, unknown>): TokenUsage | undefined {
  const usage = answer['usage']
  if (isObject(usage)) {
    const prompt = count(usage['prompt_tokens'])
    const completion = count(usage['completion_tokens'])
    if (prompt === undefined || completion === undefined) return undefined
    const details = isObject(usage['prompt_tokens_details']) ? usage['prompt_tokens_details'] : {}
    const timings = isObject(answer['timings']) ? answer['timings'] : {}
    const cached = count(details['cached_tokens'] ?? usage['prompt_cache_hit_tokens'] ?? timings['cache_n'])
    return { prompt, completion, ...(cached === undefined ? {} : { cached }) }
  }
  const timings = answer['timings']
  if (!isObject(timings)) return undefined
  const read = count(timings['prompt_n'])
  const completion = count(timings['predicted_n'])
  const cached = count(timings['cache_n'])
  if (read === undefined || completion === undefined) return undefined
  return { prompt: read + (cached ?? 0), completion, ...(cached === undefined ? {} : { cached }) }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
