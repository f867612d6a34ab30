// Bundles the program into dist/. Bundling, not caching, is what makes start-up fast (docs/decisions/0003-bundle.md).
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const { outputFiles } = await build({
  write: false,
  absWorkingDir: root,
  entryPoints: { sealign: 'src/main.ts', 'reader-thread': 'sessions/reader-thread.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  chunkNames: 'chunk-[hash]',
  legalComments: 'none',
  minifySyntax: true,
  // The loader of TensorFlow.js's WASM build asks for its folder as CommonJS does.
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"', __dirname: 'import.meta.dirname' },
  alias: { 'react-devtools-core': './.ci/react-devtools-stub.mjs' },
  // TensorFlow.js asks for node-fetch when something is downloaded, which never happens.
  external: ['dockerode', 'node-fetch'],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})

// TensorFlow.js reads them from beside the bundle (src/policy/embedded/backend.ts).
const wasm = `${root}node_modules/@tensorflow/tfjs-backend-wasm/dist/`
for (const name of ['tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm.wasm']) {
  outputFiles.push({ path: `${root}dist/${name}`, contents: await readFile(wasm + name) })
}

// Each file is put in place by a rename, stale ones go last: a program that starts meanwhile never sees half a bundle.
await mkdir(`${root}dist`, { recursive: true })
for (const file of outputFiles) {
  const partial = `${file.path}.${process.pid}`
  await writeFile(partial, file.contents)
  await chmod(partial, 0o755)
  await rename(partial, file.path)
}
const fresh = new Set(outputFiles.map((file) => basename(file.path)))
for (const name of await readdir(`${root}dist`)) {
  if (!fresh.has(name) && name.endsWith('.js')) await rm(`${root}dist/${name}`, { force: true })
}
