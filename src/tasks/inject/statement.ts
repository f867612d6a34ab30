import type { TaskDefinition } from '../../domain/task.ts'

/** What the Policy is told of a Task that was made: which package and which test, never what was changed. */
export function brokenStatement({ id, grading }: TaskDefinition, failingTest?: string): string {
  const name = id.split('~', 1)[0] ?? id
  return [
    `# A test of ${name} fails`,
    '',
    failingTest === undefined
      ? 'The package worked before; since the last change its tests fail.'
      : `The package worked before; since the last change a test of it fails: ${failingTest}`,
    '',
    ...grading.commands.map((command) => `    ${command}`),
    '',
    'The tests are right. Please mend the package.',
  ].join('\n')
}

/** Name of the first test that fails in output of the Test Anything Protocol; `undefined`: none is named. */
export function firstFailure(output: string): string | undefined {
  const line = /^not ok \d+ - (.+)$/m.exec(output)?.[1]
  return line?.replace(/ # (?:time|TODO|SKIP)\b.*$/, '').replace(/\\([#\\])/g, '$1')
}
