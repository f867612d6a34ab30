import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What a Docker test needs, or why it is skipped. */
export interface EngineForTests {
  readonly available: boolean
  /** Name of the image of the Docker tests: Debian with bash, Python 3, pytest, git and our Node. */
  readonly image: string
  /** For the title of the skipped tests: ` (skipped: no container engine answers)`; empty when available. */
  readonly note: string
}

const IMAGE = 'sealign-test:1'
const script = promisify(execFile)

/** A container engine that answers; starts `dockerd` in the background where that is possible. Prints why not. */
export function dockerEngine(): Promise<EngineForTests> {
  return prepared('.ci/test-engine.sh', [], 30_000)
}

/**
 * The engine with the image of the Docker tests, built when it is missing (two minutes, once per machine). Call it at the top of
 * a test file, where no time-out of a test runs: `const engine = await testImage()`, `describe.skipIf(!engine.available)(…)`.
 */
export async function testImage(): Promise<EngineForTests> {
  const engine = await dockerEngine()
  return engine.available ? prepared('.ci/test-image.sh', [IMAGE], 600_000) : engine
}

async function prepared(path: string, words: readonly string[], timeout: number): Promise<EngineForTests> {
  try {
    await script(path, words, { timeout })
    return { available: true, image: IMAGE, note: '' }
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? '').trim()
    const reason = said === '' ? String((error as Error).message) : (said.split('\n').at(-1) ?? said)
    process.stdout.write(`Docker tests are skipped: ${reason}\n`)
    return { available: false, image: IMAGE, note: ` (skipped: ${reason})` }
  }
}
