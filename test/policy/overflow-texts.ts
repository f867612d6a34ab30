export interface OverflowCase {
  readonly who: string
  readonly text: string
  readonly status: number
  readonly body: unknown
  readonly limit: number | undefined
}

/** Refusals of prompts that are too long, as servers word them. */
export const OVERFLOWS: readonly OverflowCase[] = [
  openai(
    'vLLM, older',
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4500 in the messages, 500 in the completion). Please reduce the length of the messages or completion.",
    4096,
  ),
  {
    ...openai(
      'vLLM, top level',
      "You passed 4097 input tokens and requested 512 output tokens. However, the model's context length is only 4096, resulting in a maximum input length of 3584. Please reduce the length of the input prompt.",
      4096,
    ),
    body: {
      object: 'error',
      message:
        "You passed 4097 input tokens and requested 512 output tokens. However, the model's context length is only 4096, resulting in a maximum input length of 3584.",
      type: 'BadRequestError',
      param: null,
      code: 400,
    },
  },
  openai(
    'vLLM engine',
    'The decoder prompt (length 40000) is longer than the maximum model length of 32768. Make sure that `max_model_len` is no smaller than the number of text tokens.',
    32_768,
  ),
  openai('vLLM, negative rest', 'max_tokens must be at least 1, got -1234.', undefined),
  openai(
    'vLLM, newer',
    "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is 8192 tokens and your request has 8100 input tokens (5000 > 8192 - 8100).",
    8192,
  ),
  openai('SGLang', "The input (70000 tokens) is longer than the model's context length (32768 tokens).", 32_768),
  openai(
    'SGLang, allowed length',
    'Input length (33000 tokens) exceeds the maximum allowed length (32762 tokens). Use a shorter input or enable --allow-auto-truncate.',
    32_762,
  ),
  openai(
    'SGLang, sum',
    "Requested token count exceeds the model's maximum context length of 32768 tokens. You requested a total of 40000 tokens: 39000 tokens from the input messages and 1000 tokens for the completion.",
    32_768,
  ),
  {
    who: 'llama.cpp',
    text: 'exceed_context_size_error',
    status: 400,
    body: {
      error: {
        code: 400,
        message:
          'the request exceeds the available context size. try increasing the context size or enable context shift',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 9000,
        n_ctx: 8192,
      },
    },
    limit: 8192,
  },
  {
    who: 'OpenAI',
    text: 'context_length_exceeded',
    status: 400,
    body: {
      error: {
        message: 'Your input exceeds the limits of this model. Please adjust your input and try again.',
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
    },
    limit: undefined,
  },
  openai(
    'OpenAI, older',
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens. Please reduce the length of the messages.",
    128_000,
  ),
  openai('Anthropic', 'prompt is too long: 210000 tokens > 200000 maximum', 200_000),
  openai(
    'Anthropic, sum',
    'input length and `max_tokens` exceed context limit: 199900 + 8192 > 200000, decrease input length or `max_tokens` and try again',
    200_000,
  ),
  openai(
    'TGI',
    'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4090 `inputs` tokens and 1000 `max_new_tokens`',
    4096,
  ),
  openai(
    'Gemini',
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    1_048_576,
  ),
]

function openai(who: string, text: string, limit: number | undefined): OverflowCase {
  return { who, text, status: 400, body: { error: { message: text, type: 'BadRequestError', code: 400 } }, limit }
}
