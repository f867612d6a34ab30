import type { Tool } from '../tool.ts'

const SHELL = 'execute_bash'
const EDITOR = 'str_replace_editor'
const FINISH = 'finish'

/** One turn of the example: what the assistant says and calls, and what it gets back. */
interface Turn {
  readonly tool: string
  readonly says: string
  readonly call: string
  readonly result: string
}

const TURNS: readonly Turn[] = [
  {
    tool: SHELL,
    says: 'I look at the files first.',
    call: '<parameter=command>ls && cat area.py</parameter>',
    result: `area.py
def area(width, height):
    return width + height
[The command completed with exit code 0.]
[Current working directory: /example]
[Command finished with exit code 0]`,
  },
  {
    tool: EDITOR,
    says: 'The sides are added where they must be multiplied. I change that line.',
    call: `<parameter=command>str_replace</parameter>
<parameter=path>/example/area.py</parameter>
<parameter=old_str>    return width + height</parameter>
<parameter=new_str>    return width * height</parameter>`,
    result: `The file /example/area.py has been edited. Here's the result of running \`cat -n\` on a snippet of /example/area.py:
     1\tdef area(width, height):
     2\t    return width * height
Check that the change is what you meant, and edit the file again if it is not.`,
  },
  {
    tool: SHELL,
    says: 'I check the new behaviour.',
    call: `<parameter=command>
python3 -c "from area import area; print(area(3, 4))"
</parameter>`,
    result: `12
[The command completed with exit code 0.]
[Current working directory: /example]
[Command finished with exit code 0]`,
  },
]

const ENDING = `ASSISTANT:
The function is right now.
<function=finish>
<parameter=message>area() multiplied nothing; it returns width * height now, and area(3, 4) is 12.</parameter>
</function>`

/**
 * The task as the first user message of the text form: a worked example with the tools there are, the task, and a reminder
 * of the form. Without any of the example's tools it is the task and the reminder.
 */
export function withWorkedExample(task: string, tools: readonly Tool[]): string {
  const names = new Set(tools.map((tool) => tool.name))
  const turns = TURNS.filter((turn) => names.has(turn.tool))
  const example = turns.length === 0 ? '' : exampleText(turns, names.has(FINISH))
  return `${example}--------------------- NEW TASK DESCRIPTION ---------------------
${task}
--------------------- END OF NEW TASK DESCRIPTION ---------------------

Keep to the form of the calls, and call exactly one function per reply.`
}

function exampleText(turns: readonly Turn[], finish: boolean): string {
  const shown = turns.map(
    ({ tool, says, call, result }) => `ASSISTANT:
${says}
<function=${tool}>
${call}
</function>

USER:
EXECUTION RESULT of [${tool}]:
${result}`,
  )
  return `This is how a task is solved with these functions.

--------------------- START OF EXAMPLE ---------------------

USER:
area(3, 4) in /example/area.py should be 12, and it is 7. Please mend it.

${[...shown, ...(finish ? [ENDING] : [])].join('\n\n')}

--------------------- END OF EXAMPLE ---------------------

The example's files are not yours: look at what is really there.

`
}
