import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SealignError } from '../../domain/errors.ts'

/**
 * The folder that holds the package `sealign_trainer`: beside the bundle's folder, in the checkout as in the npm package.
 * @throws SealignError `trainer` when it is not there.
 */
export function trainerFolder(): string {
  const here = import.meta.filename.endsWith('.ts') ? '../../../trainer' : '../trainer'
  const folder = fileURLToPath(new URL(here, import.meta.url))
  if (existsSync(join(folder, 'sealign_trainer', '__init__.py'))) return folder
  throw new SealignError('trainer', `the trainer’s Python package is not in ${folder}, where it should be`, {
    hint: 'Run sealign from its checkout, or install it again.',
  })
}

/** How a person makes a Python that the trainer can use. */
export function setupHint(): string {
  const folder = trainerFolder()
  return existsSync(join(folder, '..', '.git'))
    ? 'Make one with `npm run setup:trainer`, or name yours: sealign config python PATH'
    : `Make one with \`bash ${join(folder, 'setup.sh')}\`, or name yours: sealign config python PATH`
}
