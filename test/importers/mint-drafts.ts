import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrajectoryDraft } from '../../src/domain/trajectory.ts'
import { mint } from '../../src/importers/mint.ts'

const FOLDER = '../shared/data/mint-humaneval'

/** Whether the real MINT results are beside the repository. */
export const hasMint = existsSync(FOLDER)

/** Every MINT run (the `max1` folder left out), read by the importer. */
export function mintDrafts(): TrajectoryDraft[] {
  if (!hasMint) return []
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.jsonl') && !name.includes('max1'),
  )
  return files.sort().flatMap((name) => {
    const path = join(FOLDER, name)
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
    return lines.flatMap((text, index) => [
      ...mint.read(JSON.parse(text), { path, relativePath: name, line: index + 1, warn: () => undefined }),
    ])
  })
}
