import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadTensorFlow, openTensorFlow } from '../../../src/policy/embedded/backend.ts'
import { freshNetwork, logitsOf } from '../../../src/policy/embedded/network.ts'
import { randomOf } from '../../../src/policy/embedded/random.ts'
import { tensorFlowEngine } from '../../../src/training/embedded/tensor-engine.ts'
import { temporaryFolder } from '../../sessions/temporary.ts'
import { numbersFrom } from './reference-network.ts'

const env = (name: string) => ({ env: { SEALIGN_TFJS_BACKEND: name } })

describe('TensorFlow.js', () => {
  test('is loaded once, on WASM where nothing better is installed', async () => {
    expect((await openTensorFlow({ env: {} })).backend).toBe('wasm')
    expect(loadTensorFlow()).toBe(loadTensorFlow())
  })

  test('computes the same on WASM and CPU, and as the loops of the policy do', async () => {
    const network = freshNetwork(1, [40, 96, 48, 1])
    const features = numbersFrom(randomOf('backends'), 40 * 300)
    const slopes = (logits: Float32Array) => logits.map((logit, at) => logit + (at % 2))
    const found = []
    for (const name of ['wasm', 'cpu']) {
      const tensorFlow = await openTensorFlow(env(name))
      const engine = tensorFlowEngine(tensorFlow)
      expect(engine.backend).toBe(name)
      const logits = engine.logits(network, features)
      found.push({ logits, gradient: engine.gradient(network, features, slopes) })
      expect(tensorFlow.tf.memory().numTensors).toBe(0)
    }
    const [wasm, cpu] = found
    const loops = logitsOf(network, features)
    for (const [at, logit] of loops.entries()) {
      expect(Math.abs(logit - Number(wasm?.logits[at]))).toBeLessThan(1e-5)
      expect(Math.abs(logit - Number(cpu?.logits[at]))).toBeLessThan(1e-5)
    }
    const scale = Math.max(...(cpu?.gradient ?? []).map(Math.abs))
    for (const [at, slope] of (cpu?.gradient ?? []).entries()) {
      expect(Math.abs(slope - Number(wasm?.gradient[at])) / scale).toBeLessThan(1e-4)
    }
  })

  test('of the user is used where it is installed beside the program, and passed over where it does not load', async () => {
    const folder = temporaryFolder()
    const place = (name: string, code: string) => {
      const home = join(folder, 'node_modules', '@tensorflow', name)
      mkdirSync(home, { recursive: true })
      writeFileSync(join(home, 'index.js'), code)
    }
    const core = JSON.stringify(join(process.cwd(), 'node_modules/@tensorflow/tfjs-core'))
    const cpu = JSON.stringify(join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-cpu'))
    place('tfjs-node-gpu', 'throw new Error("no CUDA here")')
    place('tfjs-node', `require(${cpu}); module.exports = require(${core})`)
    const from = [join(folder, 'sealign.js')]
    expect((await openTensorFlow({ env: {}, from })).backend).toBe('tfjs-node')
    await expect(openTensorFlow({ ...env('tfjs-node-gpu'), from })).rejects.toMatchObject({
      code: 'trainer',
      message: 'TensorFlow.js does not work here with tfjs-node-gpu',
      hint: expect.stringContaining('Install @tensorflow/tfjs-node-gpu') as string,
    })
  })

  test('has its WASM files beside the bundle', () => {
    for (const name of ['tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm.wasm']) {
      const home = 'node_modules/@tensorflow/tfjs-backend-wasm/dist'
      expect(readFileSync(join('dist', name)).equals(readFileSync(join(home, name)))).toBe(true)
    }
  })

  test('is not looked for in the working directory', async () => {
    await expect(openTensorFlow(env('tfjs-node'))).rejects.toMatchObject({ code: 'trainer' })
  })

  test('with an unknown backend is a mistake in the settings', async () => {
    await expect(openTensorFlow(env('webgl'))).rejects.toMatchObject({
      code: 'config',
      message: 'SEALIGN_TFJS_BACKEND is `webgl`, which is no backend',
    })
  })

  test('prints nothing, and leaves no listener for uncaught exceptions', () => {
    const program = `
      const { openTensorFlow } = await import(${JSON.stringify(join(process.cwd(), 'src/policy/embedded/backend.ts'))})
      for (const name of ['wasm', 'cpu']) {
        const { tf } = await openTensorFlow({ env: { SEALIGN_TFJS_BACKEND: name } })
        tf.tidy(() => tf.matMul([[NaN]], [[1]]).dataSync())
      }
      process.exitCode = process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection')`
    const done = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
    expect(done).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })
})
