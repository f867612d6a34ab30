import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openEndpoint } from '../../src/policy/endpoint.ts'
import { modelContext, readModels, readServerInfo } from '../../src/policy/server-info.ts'
import { policyOf, serve } from './asking.ts'
import type { OpenAiServerOptions } from './openai-server.ts'

async function infoOf(options: Omit<OpenAiServerOptions, 'answers'>) {
  const server = await serve({ answers: ['x'], ...options })
  return { server, info: await readServerInfo(openEndpoint({ baseUrl: server.url, key: 'none' })) }
}

test('vLLM lists its size; an adapter loaded at run time has the size of its base', async () => {
  const { server, info } = await infoOf({
    models: {
      data: [
        { id: 'qwen', owned_by: 'vllm', max_model_len: 32_768 },
        { id: 'qwen-sealign', owned_by: 'vllm', parent: 'qwen', max_model_len: null },
      ],
    },
  })
  expect(info).toMatchObject({
    software: 'vllm',
    models: [{ id: 'qwen', contextTokens: 32_768 }, { id: 'qwen-sealign' }],
  })
  expect(info && modelContext(info, 'qwen-sealign')).toBe(32_768)
  expect(info && modelContext(info, 'unheard-of')).toBeUndefined()
  expect(server.paths).toEqual(['/v1/models'])
})

test('llama.cpp tells its size in /props, not the one the model was trained with', async () => {
  const { info } = await infoOf({
    models: { data: [{ id: 'm.gguf', owned_by: 'llamacpp', meta: { n_ctx_train: 131_072 } }] },
    paths: { '/props': { default_generation_settings: { n_ctx: 8192 }, total_slots: 4 } },
  })
  expect(info).toMatchObject({ software: 'llama.cpp', contextTokens: 8192 })
  expect(info && modelContext(info, 'whatever')).toBe(8192)
})

test('SGLang tells its size beside the protocol; an adapter is named after its base', async () => {
  const { info } = await infoOf({
    models: { data: [{ id: 'base', owned_by: 'sglang' }] },
    paths: { '/get_model_info': { model_path: 'base', context_length: 40_960 } },
  })
  expect(info).toMatchObject({ software: 'sglang', contextTokens: 40_960 })
  const { info: newer } = await infoOf({ models: { data: [{ id: 'base', owned_by: 'sglang', max_model_len: 4096 }] } })
  expect(newer && modelContext(newer, 'base:adapter')).toBe(4096)
})

test('hosted servers list sizes under names of their own', async () => {
  const { info } = await infoOf({
    models: {
      data: [
        { id: 'a', context_length: 1 },
        { id: 'b', context_window: 2 },
      ],
    },
  })
  expect(info?.software).toBe('other')
  expect(info && [modelContext(info, 'a'), modelContext(info, 'b'), modelContext(info, 'c')]).toEqual([1, 2, undefined])
})

test('a server that says nothing useful, refuses or is absent is no error', async () => {
  for (const models of [{ data: 'no' }, { data: [null, 7, { id: 5 }] }, { error: 'x' }]) {
    const { info } = await infoOf({ models })
    expect(info).toEqual({ software: 'other', models: [], contextTokens: undefined })
  }
  expect((await infoOf({ key: 'another' })).info).toBeUndefined()
  const gone = await serve(['x'])
  await gone.close()
  expect(await readServerInfo(openEndpoint({ baseUrl: gone.url }))).toBeUndefined()
  expect(await readModels(openEndpoint({ baseUrl: gone.url }))).toBeUndefined()
  expect(await policyOf(gone).contextTokens(new AbortController().signal)).toBeUndefined()
})

test('a server that never answers is given up after the time-out, and one that waits may leave earlier', async () => {
  const silent = createServer((request) => request.resume())
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => silent.closeAllConnections())
  onTestFinished(() => void silent.close())
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  expect(await readServerInfo(openEndpoint({ baseUrl: url }), 100)).toBeUndefined()
  const startedMs = performance.now()
  await expect(policyOf({ url }).contextTokens(AbortSignal.timeout(100))).rejects.toThrow(/timeout/)
  expect(performance.now() - startedMs).toBeLessThan(2000)
})
