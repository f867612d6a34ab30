import type { Command, CommandContext } from './define.ts'
import { parseCommandLine } from './parse.ts'

/**
 * Runs one command with the words after its name, as a shell would, and gives back the document of `--json`.
 * @throws SealignError as the command does.
 */
export async function runForJson(
  command: Command,
  words: readonly string[],
  context: CommandContext,
): Promise<unknown> {
  const { args } = parseCommandLine(command, words)
  const result = await command.run(args, context)
  return command.json ? command.json(result) : result
}
