import type { Command } from './define.ts'
import { argumentShapes, flagText, usageLine } from './parse.ts'

/** Help of one command: what it does, how it is called, its arguments, an example. */
export function commandHelp(command: Command): string {
  const rows = argumentShapes(command).map((shape) => {
    const positional = command.positional?.includes(shape.name)
    const name = positional ? shape.name.toUpperCase() : (flagText(shape).split(' ')[0] ?? '')
    const facts = [
      shape.help,
      shape.choices && `one of ${shape.choices.join(', ')}`,
      shape.fallback !== undefined &&
        shape.fallback !== false &&
        JSON.stringify(shape.fallback) !== '[]' &&
        `default ${JSON.stringify(shape.fallback)}`,
    ]
    return [name, facts.filter(Boolean).join('; ')] as const
  })
  return [
    `${command.summary}.`,
    '',
    `Usage: ${usageLine(command)}`,
    ...(rows.length > 0 ? ['', ...columns(rows)] : []),
    '',
    `Also: --session NAME|PATH  --json  --no-color  --help`,
    `Example: ${command.example}`,
  ].join('\n')
}

/** Help of the whole program, or of one word of it (`pair`). */
export function programHelp(commands: readonly Command[], word?: string): string {
  const shown = word === undefined ? commands : commands.filter((command) => command.name.split(' ')[0] === word)
  const rows = shown.map((command) => [command.name, command.summary] as const)
  if (word !== undefined)
    return [
      `sealign ${word}: what can be done`,
      '',
      ...columns(rows),
      '',
      `\`sealign ${word} WORD --help\` tells more.`,
    ].join('\n')
  return [
    'sealign – from agent trajectories to reviewed critical pairs (SEAlign, arXiv 2503.18455)',
    '',
    'Usage: sealign                       the workbench, on the last session',
    '       sealign COMMAND [ARGUMENTS]   one of these:',
    '',
    ...columns(rows),
    '',
    'Every command takes --session NAME|PATH (or SEALIGN_SESSION), --json, --no-color and --help.',
    'First steps: sealign import PATH, then sealign tree list, then sealign.',
  ].join('\n')
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`.trimEnd())
}
