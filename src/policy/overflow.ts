/** What a server says when prompt and reply do not fit its context. */
export interface Overflow {
  /** Tokens of prompt and reply together that would fit. */
  readonly limitTokens?: number
  /** Tokens the server counted in the prompt, tool definitions included. */
  readonly promptTokens?: number
}

/**
 * Texts of vLLM over time (`vllm/renderers/params.py`, `entrypoints/openai`), SGLang (`tokenizer_manager.py`), OpenAI,
 * Anthropic, llama.cpp, text-generation-inference and Gemini.
 */
const SIGNS = [
  /maximum context length/i,
  /context length is only \d+/i,
  /longer than the (?:maximum model length|model'?s context length)/i,
  /exceeds? the maximum allowed (?:input )?length/i,
  /max_(?:completion_)?tokens must be at least 1, got -\d+/i,
  /prompt is too long/i,
  /exceeds? (?:the )?(?:available )?context (?:size|limit|window|length)/i,
  /input length and .{1,30} exceed context limit/i,
  /`inputs` tokens \+ `max_new_tokens` must be <=/i,
  /input token count .{0,30}exceeds the maximum/i,
]

const LIMITS = [
  /maximum context length (?:is|of) (\d+)/i,
  /context length is only (\d+)/i,
  /maximum model length(?: of)? \(?(\d+)/i,
  /model'?s context length \((\d+)/i,
  /maximum allowed (?:input )?length \((\d+)/i,
  /> (\d+) maximum/i,
  /exceed context limit: \d+ \+ \d+ > (\d+)/i,
  /must be <= (\d+)/i,
  /maximum number of tokens allowed \(?(\d+)/i,
]

const PROMPTS = [
  /\((\d+) in the messages(?:, (\d+) in the functions)?/i,
  /request has (\d+) input tokens/i,
  /messages resulted in (\d+) tokens/i,
  /passed (\d+) input tokens/i,
  /prompt \(length (\d+)\)/i,
  /input \((\d+) tokens\)/i,
  /input length \((\d+)/i,
  /(\d+) tokens from the input messages/i,
  /prompt is too long: (\d+) tokens/i,
  /exceed context limit: (\d+) \+/i,
  /given: (\d+) `inputs` tokens/i,
  /input token count \(?(\d+)/i,
]

/**
 * Whether a refusal is about the context.
 *
 * @param message - the server's sentence; no more than its first 2000 characters are read.
 * @param error - the error object it stood in: codes and llama.cpp's `n_ctx`, `n_prompt_tokens`.
 */
export function readOverflow(message: string, error: Readonly<Record<string, unknown>>): Overflow | undefined {
  const text = message.slice(0, 2000)
  const coded = error['code'] === 'context_length_exceeded' || error['type'] === 'exceed_context_size_error'
  if (!coded && !SIGNS.some((sign) => sign.test(text))) return undefined
  const limit = whole(error['n_ctx']) ?? firstNumber(LIMITS, text)
  const prompt = whole(error['n_prompt_tokens']) ?? firstNumber(PROMPTS, text)
  return {
    ...(limit === undefined ? {} : { limitTokens: limit }),
    ...(prompt === undefined ? {} : { promptTokens: prompt }),
  }
}

function firstNumber(patterns: readonly RegExp[], text: string): number | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(text)
    if (match) return whole(Number(match[1]) + Number(match[2] ?? 0))
  }
  return undefined
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined
}
