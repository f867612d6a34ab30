import { beginDemo, type DemoArgs } from '../commands/demo.ts'
import { understand } from '../commands/run.ts'
import { sessionPath } from '../sessions/place.ts'
import { startWorkbench } from './start.ts'

/** Starts a demonstration, or goes on with one, and opens the workbench on it. @returns the exit code. */
export async function startDemo(words: readonly string[]): Promise<number> {
  const understood = understand(words)
  if (understood.type === 'help') {
    process.stdout.write(`${understood.text}\n`)
    return 0
  }
  const { env } = process
  const named = understood.flags.session ?? env['SEALIGN_SESSION']
  const { path, job } = beginDemo(understood.args as DemoArgs, {
    env,
    watched: true,
    ...(named && { named: sessionPath(named, env) }),
  })
  const code = await startWorkbench(['--session', path])
  const word = sessionWord(path)
  process.stdout.write(
    `The demonstration is session ${word}: \`sealign --session ${word}\` shows it again, \`sealign job stop j${job} --session ${word}\` ends it where it still goes on.\n`,
  )
  return code
}

function sessionWord(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.db$/, '')
  return sessionPath(name) === path ? name : path
}
