import { isObject } from '../domain/json.ts'
import type { Endpoint } from './endpoint.ts'
import { askHttp, bodyText } from './http-client.ts'

/** Which program serves the protocol, as far as it shows. */
export type ServerSoftware = 'vllm' | 'sglang' | 'llama.cpp' | 'ollama' | 'other'

export interface ListedModel {
  readonly id: string
  /** Tokens of prompt and reply together; `undefined`: the server does not tell. */
  readonly contextTokens: number | undefined
}

export interface ServerInfo {
  readonly software: ServerSoftware
  /** At most 1000, in the server's order. */
  readonly models: readonly ListedModel[]
  /** The size for every model where the server tells only one. */
  readonly contextTokens: number | undefined
}

const MAX_BYTES = 4_000_000
const MAX_MODELS = 1000
const TIMEOUT_MS = 5000
/** vLLM and newer SGLang; OpenRouter; Groq; Mistral. Not llama.cpp's `n_ctx_train`: the server may run with less. */
const MODEL_FIELDS = ['max_model_len', 'context_length', 'context_window', 'max_context_length']
const SGLANG_FIELDS = ['max_context_length', 'context_length', 'context_len', 'max_model_len']

/**
 * What a server tells about itself: `/v1/models`, then `/props` (llama.cpp) or `/get_model_info` and `/get_server_info`
 * (SGLang) where no context size was listed. `undefined` when it does not answer. Never throws.
 */
export async function readServerInfo(endpoint: Endpoint, timeoutMs = TIMEOUT_MS): Promise<ServerInfo | undefined> {
  const listing = await getJson(endpoint, endpoint.models, timeoutMs)
  if (listing === undefined) return undefined
  const entries = entriesOf(listing.value)
  const models = entries.map(listedModel).filter((model) => model !== undefined)
  const owner = entries.map((entry) => entry['owned_by']).find((name) => typeof name === 'string')
  const software = softwareOf(owner, listing.server)
  const told = models.some((model) => model.contextTokens !== undefined)
  const other = told || software === 'ollama' ? undefined : await besideContext(endpoint, software, timeoutMs)
  return { software: other?.software ?? software, models, contextTokens: other?.contextTokens }
}

/** Names of the models a server has; `undefined`: it does not tell. Never throws. */
export async function readModels(endpoint: Endpoint, timeoutMs = TIMEOUT_MS): Promise<readonly string[] | undefined> {
  const listing = await getJson(endpoint, endpoint.models, timeoutMs)
  const names = entriesOf(listing?.value).flatMap((entry) => listedModel(entry)?.id ?? [])
  return names.length === 0 ? undefined : names
}

/**
 * Context size of one model: its own entry, the one before an adapter's colon (SGLang `base:adapter`), that of the only size
 * listed (an adapter loaded at run time has none of its own), or the server's.
 */
export function modelContext(info: ServerInfo, model: string): number | undefined {
  const own = info.models.find(({ id }) => id === model) ?? info.models.find(({ id }) => id === model.split(':')[0])
  if (own?.contextTokens !== undefined) return own.contextTokens
  const sizes = new Set(info.models.flatMap(({ contextTokens }) => contextTokens ?? []))
  const [only] = sizes
  return sizes.size === 1 && own !== undefined ? only : info.contextTokens
}

async function besideContext(
  endpoint: Endpoint,
  software: ServerSoftware,
  timeoutMs: number,
): Promise<{ software: ServerSoftware; contextTokens: number } | undefined> {
  const paths = software === 'sglang' ? [] : ['/props']
  for (const path of [...paths, '/get_model_info', '/get_server_info']) {
    if (software === 'llama.cpp' && path !== '/props') break
    const found = await getJson(endpoint, endpoint.beside(path), timeoutMs)
    const contextTokens = path === '/props' ? propsContext(found?.value) : firstSize(found?.value, SGLANG_FIELDS)
    if (contextTokens !== undefined) return { software: path === '/props' ? 'llama.cpp' : 'sglang', contextTokens }
  }
  return undefined
}

function propsContext(props: unknown): number | undefined {
  if (!isObject(props)) return undefined
  return firstSize(props['default_generation_settings'], ['n_ctx']) ?? firstSize(props, ['n_ctx'])
}

function listedModel(entry: Record<string, unknown>): ListedModel | undefined {
  const id = entry['id']
  if (typeof id !== 'string' || id === '') return undefined
  return { id: id.slice(0, 500), contextTokens: firstSize(entry, MODEL_FIELDS) }
}

function entriesOf(listing: unknown): Record<string, unknown>[] {
  const data = isObject(listing) ? listing['data'] : listing
  return Array.isArray(data) ? data.slice(0, MAX_MODELS).filter(isObject) : []
}

function firstSize(value: unknown, fields: readonly string[]): number | undefined {
  if (!isObject(value)) return undefined
  return fields
    .map((field) => value[field])
    .find((size): size is number => Number.isSafeInteger(size) && Number(size) > 0)
}

function softwareOf(owner: unknown, server: string): ServerSoftware {
  if (owner === 'vllm' || owner === 'sglang') return owner
  if (owner === 'llamacpp' || server === 'llama.cpp') return 'llama.cpp'
  return owner === 'library' ? 'ollama' : 'other'
}

async function getJson(
  endpoint: Endpoint,
  url: URL,
  timeoutMs: number,
): Promise<{ value: unknown; server: string } | undefined> {
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const answer = await askHttp({ url, headers: endpoint.headers, signal })
    const text = await bodyText(answer, MAX_BYTES)
    if (answer.status !== 200) return undefined
    return { value: JSON.parse(text), server: String(answer.headers['server'] ?? '') }
  } catch {
    return undefined
  }
}
