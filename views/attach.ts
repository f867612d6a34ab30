import { spawn } from 'node:child_process'

/**
 * Runs an interactive program on the person's terminal and waits for it to end. No shell is in between: every argument arrives as it is.
 *
 * @returns why it could not be run, in one sentence; how an interactive shell ended is nobody's business.
 */
export function runAttached(argv: readonly string[]): Promise<string | undefined> {
  const [program, ...args] = argv
  if (program === undefined) return Promise.resolve('There is no program to run.')
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const child = spawn(program, args, { stdio: 'inherit' })
  // Ctrl-C belongs to the program in front.
  const ignore = (): void => undefined
  process.on('SIGINT', ignore)
  const end = (problem: string | undefined): void => {
    process.off('SIGINT', ignore)
    resolve(problem)
  }
  child.on('error', (error) => end(`${program} could not be started: ${error.message}.`))
  child.on('exit', () => end(undefined))
  return promise
}
