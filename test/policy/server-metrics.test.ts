import { expect, test } from 'vitest'
import { openEndpoint } from '../../src/policy/endpoint.ts'
import { MetricsReader, metricsOf, parseSamples, readServerMetrics } from '../../src/policy/server-metrics.ts'
import { serve } from './asking.ts'

const VLLM = (engineStep: number) => `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="a \\"}\\" b"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 4.0
vllm:num_requests_waiting{engine="0"} 2.0
vllm:kv_cache_usage_perc{engine="0"} 0.5
vllm:kv_cache_usage_perc{engine="1"} 0.25
vllm:prefix_cache_queries_total{engine="0"} ${1000 * engineStep}
vllm:prefix_cache_hits_total{engine="0"} ${engineStep === 1 ? 500 : 1400}
vllm:prompt_tokens_total{engine="0"} ${5000 * engineStep}
vllm:generation_tokens_total{engine="0"} ${1000 * engineStep} 1700000000000
vllm:time_to_first_token_seconds_bucket{le="0.1"} 7
vllm:time_to_first_token_seconds_sum{engine="0"} ${engineStep}
vllm:time_to_first_token_seconds_count{engine="0"} ${10 * engineStep}
vllm:inter_token_latency_seconds_sum 2
vllm:inter_token_latency_seconds_count 100
process_resident_memory_bytes 1e9
vllm:num_requests_running not-a-number
`

test('vLLM: gauges of all engines, rates between two readings', () => {
  const first = { samples: parseSamples(VLLM(1)), atMs: 0 }
  expect(metricsOf(first, undefined)).toEqual({
    running: 7,
    waiting: 2,
    cacheUse: 0.375,
    prefixHitRate: 0.5,
    firstTokenMs: 100,
    betweenTokensMs: 20,
  })
  expect(metricsOf({ samples: parseSamples(VLLM(2)), atMs: 2000 }, first)).toMatchObject({
    prefixHitRate: 0.9,
    promptTokensPerSecond: 2500,
    completionTokensPerSecond: 500,
    firstTokenMs: 100,
  })
})

test('a counter that fell was started again', () => {
  const before = { samples: parseSamples(VLLM(5)), atMs: 0 }
  expect(metricsOf({ samples: parseSamples(VLLM(1)), atMs: 1000 }, before).promptTokensPerSecond).toBe(5000)
})

test('SGLang and llama.cpp by their own names', () => {
  const sglang = `sglang:num_running_reqs{model_name="m"} 8
sglang:num_queue_reqs{model_name="m"} 1
sglang:token_usage{model_name="m"} 0.31
sglang:cache_hit_rate{model_name="m"} 0.62
sglang:gen_throughput{model_name="m"} 86.5`
  expect(metricsOf({ samples: parseSamples(sglang), atMs: 0 }, undefined)).toEqual({
    running: 8,
    waiting: 1,
    cacheUse: 0.31,
    prefixHitRate: 0.62,
    completionTokensPerSecond: 86.5,
  })
  const llama = `llamacpp:requests_processing 1\r
llamacpp:requests_deferred 5\r
llamacpp:prompt_tokens_seconds 412.5\r
llamacpp:predicted_tokens_seconds 33\r
llamacpp:kv_cache_usage_ratio 1.7\r`
  expect(metricsOf({ samples: parseSamples(llama), atMs: 0 }, undefined)).toEqual({
    running: 1,
    waiting: 5,
    cacheUse: 1,
    promptTokensPerSecond: 412.5,
    completionTokensPerSecond: 33,
  })
})

test('over HTTP: with the key, beside /v1, rates from the second reading on', async () => {
  let step = 0
  const server = await serve({ answers: ['x'], key: 'abc', metrics: () => VLLM(++step) })
  const reader = new MetricsReader(openEndpoint({ baseUrl: server.url, key: 'abc' }))
  expect(await reader.read()).toMatchObject({ running: 7 })
  expect((await reader.read())?.promptTokensPerSecond).toBeGreaterThan(0)
  expect(server.paths).toEqual(['/metrics', '/metrics'])
})

test('no server, no metrics, other metrics: nothing, and no error', async () => {
  const bare = await serve(['x'])
  expect(await readServerMetrics(openEndpoint({ baseUrl: bare.url }))).toBeUndefined()
  const other = await serve({ answers: ['x'], metrics: 'go_goroutines 7\n\u0000 vllm: {{{\n' })
  expect(await readServerMetrics(openEndpoint({ baseUrl: other.url }))).toBeUndefined()
  await bare.close()
  expect(await readServerMetrics(openEndpoint({ baseUrl: bare.url }))).toBeUndefined()
})

test('a hostile line costs no more than its length', () => {
  const startedMs = performance.now()
  expect(parseSamples(`vllm:x{${'} '.repeat(1_000_000)}`).size).toBe(0)
  expect(performance.now() - startedMs).toBeLessThan(1000)
})
