#!/usr/bin/env node
import { SealignError } from './domain/errors.ts'

// The runtime warns once about SQLite being young; a person at a prompt has no use for that.
process.removeAllListeners('warning')

process.exitCode = await main(process.argv.slice(2))

/** Decides which door opens: the workbench, the plain prompt, completion, or one command. Each is loaded only when it does. */
async function main(words: readonly string[]): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < 24) {
    process.stderr.write(
      `sealign needs Node 24 or newer; this is ${process.version}.\nInstall it, or run sealign through npm in its checkout, which brings its own.\n`,
    )
    return 2
  }
  try {
    const [first = ''] = words
    if (first === '--version' || first === 'version') {
      const { SEALIGN_VERSION } = await import('./domain/version.ts')
      process.stdout.write(`${SEALIGN_VERSION}\n`)
      return 0
    }
    if (first === 'complete') return await completions(words)
    if (first === 'repl' && !words.includes('--help')) {
      const { runRepl } = await import('../commands/repl.ts')
      return await runRepl(words.slice(1))
    }
    if (first === 'job' && words[1] === 'run') {
      const { runJob } = await import('../commands/job-run.ts')
      return await runJob(words.slice(2))
    }
    if (first === 'demo' && isWatched(words)) {
      const { startDemo } = await import('../views/start-demo.ts')
      return await startDemo(words)
    }
    if (opensWorkbench(words)) {
      const { startWorkbench } = await import('../views/start.ts')
      return await startWorkbench(words)
    }
    const { runShell } = await import('../commands/shell.ts')
    return await runShell(words)
  } catch (error) {
    if (!(error instanceof SealignError)) throw error
    process.stderr.write(`sealign: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`)
    return error.exitCode
  }
}

/** Whether somebody sits before a screen that can show the demonstration. */
function isWatched(words: readonly string[]): boolean {
  const plain = words.some((word) => word === '--json' || word === '--help' || word === '-h')
  return process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb' && !plain
}

/** No command at all, or nothing but `--session`. */
function opensWorkbench(words: readonly string[]): boolean {
  return words.every(
    (word, index) => word === '--session' || word.startsWith('--session=') || words[index - 1] === '--session',
  )
}

async function completions(words: readonly string[]): Promise<number> {
  const [{ complete }, { COMMANDS }, { sessionValues }, { Config }, { chosenSession }] = await Promise.all([
    import('../commands/complete.ts'),
    import('../commands/index.ts'),
    import('../commands/values.ts'),
    import('../commands/user-config.ts'),
    import('../commands/doors.ts'),
  ])
  const typed = words[1] === '--' ? words.slice(2) : words.slice(1)
  const values = sessionValues(() => chosenSession(undefined, new Config(), process.env), process.env)
  process.stdout.write(
    complete(typed, COMMANDS, values)
      .map((found) => `${found}\n`)
      .join(''),
  )
  return 0
}
