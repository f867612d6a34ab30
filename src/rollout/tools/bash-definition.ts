import type { JsonObject } from '../../domain/json.ts'

/** What the Policy reads about `execute_bash`. */
export const BASH_DESCRIPTION = `Runs a bash command in a shell that stays open: working directory and variables last from call to call.
* One command per call. Chain commands that belong together with && or ;. A loop, a group or a here-document counts as one command.
* A command that prints nothing for a while, or runs longer than its timeout, gives control back and goes on running. Then send an empty command to wait for more output, send text with is_input=true to answer it, or send C-c (interrupt), C-d (end of input) or C-z (suspend).
* Start servers in the background and keep their output in a file: python3 app.py > server.log 2>&1 &
* Long output is shown without its middle. Write it to a file and search there.`

/** JSON Schema of `execute_bash`'s arguments. */
export const BASH_PARAMETERS: JsonObject = {
  type: 'object',
  properties: {
    command: {
      type: 'string',
      description:
        'The command. Empty: wait for more output of the command that still runs. C-c, C-d or C-z: send that key to it.',
    },
    is_input: {
      type: 'string',
      enum: ['true', 'false'],
      description: 'true: the command is text for the program that still runs, not a new command. Default: false.',
    },
    timeout: {
      type: 'number',
      description: 'Seconds after which control comes back although the command still runs.',
    },
  },
  required: ['command'],
}
