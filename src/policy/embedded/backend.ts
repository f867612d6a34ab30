import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { SealignError } from '../../domain/errors.ts'

export type TensorFlowCore = typeof import('@tensorflow/tfjs-core')

/** Where TensorFlow.js can compute, in the order they are tried. The first two only where the user has installed them. */
export const TENSORFLOW_BACKENDS = ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'] as const
export type TensorFlowBackend = (typeof TENSORFLOW_BACKENDS)[number]

export interface TensorFlow {
  readonly tf: TensorFlowCore
  readonly backend: TensorFlowBackend
}

export interface TensorFlowPlace {
  /** `SEALIGN_TFJS_BACKEND` names the one backend to use. */
  readonly env?: NodeJS.ProcessEnv
  /** Files whose `node_modules` are looked in; default: the program itself. */
  readonly from?: readonly string[]
}

/** Node has it; its type comes with no library that is used here. */
declare const WebAssembly: { readonly validate: (bytes: Uint8Array) => boolean }

const PROGRAM = import.meta.filename
/** The builds for one thread: Node gets no other from TensorFlow.js. */
const WASM_FILES = ['tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm.wasm'] as const

let loaded: Promise<TensorFlow> | undefined
/** TensorFlow.js refuses to be told twice. */
let wasmPathIsSet = false

/** TensorFlow.js on the best backend there is, loaded once per process. @throws SealignError as `openTensorFlow`. */
export function loadTensorFlow(): Promise<TensorFlow> {
  loaded ??= openTensorFlow()
  return loaded
}

/**
 * Loads TensorFlow.js on the first backend that works: see `TENSORFLOW_BACKENDS`. The WASM and CPU backends share one core, so
 * opening one of them makes it the current one of the process.
 *
 * Packages of the user are looked for beside the program, never in the working directory: that may be a stranger's repository.
 * @throws SealignError when `SEALIGN_TFJS_BACKEND` names no backend, or one that does not work.
 */
export async function openTensorFlow({
  env = process.env,
  from = [PROGRAM],
}: TensorFlowPlace = {}): Promise<TensorFlow> {
  const wanted = wantedBackend(env)
  let last: unknown
  for (const backend of wanted === undefined ? TENSORFLOW_BACKENDS : [wanted]) {
    try {
      const tf = await OPEN[backend](from)
      if (tf !== undefined && multiplies(tf)) return { tf, backend }
    } catch (error) {
      last = error
    }
  }
  throw new SealignError('trainer', `TensorFlow.js does not work here with ${wanted ?? 'any of its backends'}`, {
    hint:
      wanted === 'tfjs-node' || wanted === 'tfjs-node-gpu'
        ? `Install @tensorflow/${wanted} beside sealign, or unset SEALIGN_TFJS_BACKEND`
        : 'Unset SEALIGN_TFJS_BACKEND, or install sealign again',
    cause: last,
  })
}

function wantedBackend(env: NodeJS.ProcessEnv): TensorFlowBackend | undefined {
  const name = env['SEALIGN_TFJS_BACKEND']
  if (name === undefined || name === '') return undefined
  const known = TENSORFLOW_BACKENDS.find((backend) => backend === name)
  if (known !== undefined) return known
  throw new SealignError('config', `SEALIGN_TFJS_BACKEND is \`${name}\`, which is no backend`, {
    hint: `Use one of ${TENSORFLOW_BACKENDS.join(', ')}, or unset it`,
  })
}

type Open = (from: readonly string[]) => Promise<TensorFlowCore | undefined>

const OPEN: Readonly<Record<TensorFlowBackend, Open>> = {
  'tfjs-node-gpu': (from) => openInstalled('@tensorflow/tfjs-node-gpu', from),
  'tfjs-node': (from) => openInstalled('@tensorflow/tfjs-node', from),
  wasm: openWasm,
  cpu: openCpu,
}

async function openInstalled(name: string, from: readonly string[]): Promise<TensorFlowCore | undefined> {
  for (const file of from) {
    const require = createRequire(file)
    let path: string
    try {
      path = require.resolve(name)
    } catch {
      continue
    }
    // Every copy of the core shares one environment: silent from here on. The native library has a switch of its own.
    await quietCore()
    process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3'
    restoreUtil(require)
    const tf = require(path) as TensorFlowCore
    tf.enableProdMode()
    await tf.ready()
    return tf
  }
  return undefined
}

/** Node 23 removed a function that tfjs-node 4.22 calls in every operation (tensorflow/tfjs#8609). */
function restoreUtil(require: NodeJS.Require): void {
  const util = require('node:util') as { isNullOrUndefined?: (value: unknown) => boolean }
  util.isNullOrUndefined ??= (value) => value === null || value === undefined
}

async function openWasm(): Promise<TensorFlowCore | undefined> {
  const folder = wasmFolder()
  // A damaged file is found here: the loader would tell the console about it.
  if (folder === undefined || !WebAssembly.validate(await readFile(join(folder, WASM_FILES[0])))) return undefined
  const tf = await quietCore()
  const { default: wasm } = await import('@tensorflow/tfjs-backend-wasm')
  if (!wasmPathIsSet) wasm.setWasmPaths(join(folder, '/'))
  wasmPathIsSet = true
  const restore = guardListeners()
  try {
    return (await tf.setBackend('wasm')) ? tf : undefined
  } finally {
    restore()
  }
}

async function openCpu(): Promise<TensorFlowCore | undefined> {
  const tf = await quietCore()
  await import('@tensorflow/tfjs-backend-cpu')
  return (await tf.setBackend('cpu')) ? tf : undefined
}

/** The core; in production mode it prints neither greetings nor advice. (A bundled CommonJS module has its default export only.) */
async function quietCore(): Promise<TensorFlowCore> {
  const { default: tf } = await import('@tensorflow/tfjs-core')
  tf.enableProdMode()
  return tf
}

/** Beside the bundle, or in node_modules where the program runs from its sources. */
function wasmFolder(): string | undefined {
  const beside = dirname(PROGRAM)
  if (WASM_FILES.every((file) => existsSync(join(beside, file)))) return beside
  try {
    return dirname(createRequire(PROGRAM).resolve(`@tensorflow/tfjs-backend-wasm/dist/${WASM_FILES[0]}`))
  } catch {
    return undefined
  }
}

/** The loader of the WASM build answers every uncaught exception of the process; what it adds is taken off again. */
function guardListeners(): () => void {
  const before = new Set([...process.listeners('uncaughtException'), ...process.listeners('unhandledRejection')])
  return () => {
    for (const listener of process.listeners('uncaughtException')) {
      if (!before.has(listener)) process.off('uncaughtException', listener)
    }
    for (const listener of process.listeners('unhandledRejection')) {
      if (!before.has(listener)) process.off('unhandledRejection', listener)
    }
  }
}

function multiplies(tf: TensorFlowCore): boolean {
  return tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0] === 11)
}
