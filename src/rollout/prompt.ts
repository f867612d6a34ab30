import type { TaskDefinition } from '../domain/task.ts'

/** How the agent works, for every Task. */
export const SYSTEM_PROMPT = `You are a software engineer at work in a Linux shell. You solve one task on your own, from reading the code to a checked change, with the tools you are given.

How to work:
- Look before you change: find the files that matter, read them, and understand why they do what they do.
- Where it can be done cheaply, reproduce the problem first with a short script or an existing test.
- Make the smallest change that solves the cause of the problem, in the style of the code around it. Edit files in place; do not leave copies such as file_fixed.py behind.
- Check your change: run your reproduction and the tests that touch it. Remove scratch files when you are done.
- When something fails, read the message and change your approach. Do not repeat an action that has just failed.

Rules:
- Nobody answers questions. Decide for yourself, and act in every reply.
- There is no network: nothing can be downloaded or installed.
- Programs that wait for input or open a pager block the shell; use their non-interactive options.
- Do not rewrite git history and do not look for the solution in it.`

/** How a framework works: as the agent likes (`free`), or in stages that end by themselves (`staged`). */
export type Workflow = 'free' | 'staged'

/** The user's message: the Task, worded for its set. Only a free workflow is told how to go about it and how to end. */
export function taskText(task: TaskDefinition, workflow: Workflow = 'free'): string {
  const { what, how } = taskTexts(task)
  return workflow === 'free' ? `${what}\n\n${how}` : what
}

interface TaskTexts {
  readonly what: string
  readonly how: string
}

function taskTexts(task: TaskDefinition): TaskTexts {
  switch (task.set) {
    case 'humanevalfix-python':
    case 'humanevalfix-js':
      return functionText(task)
    case 'folder':
      return folderText(task)
    case 'swe-bench':
    case 'swe-gym':
    case 'swe-smith':
    case 'swe-rebench':
    case 'swe-bench-live':
      return repositoryText(task)
  }
}

function repositoryText({ environment, statement, repository }: TaskDefinition): TaskTexts {
  const named = repository === undefined ? '' : `${repository} `
  return {
    what: `The repository ${named}is checked out at ${environment.workdir}. Somebody reported this:

<issue>
${statement.trim()}
</issue>

Change the code at ${environment.workdir} so that the report is settled.
- The tests for it are written already and are run when you are done. You do not see them. Do not edit existing tests; only other files need a change.
- The environment is complete: everything the code needs is installed.`,
    how: 'A way that works: read the report and find the code it is about; reproduce the problem; fix its cause; run the reproduction again; think of edge cases; run the existing tests of the files you changed. Then call the finish tool.',
  }
}

function functionText({ environment, statement }: TaskDefinition): TaskTexts {
  const files = Object.keys(environment.files).filter((name) => !name.startsWith('node_modules/'))
  const path = files.length === 1 ? `${environment.workdir}/${files[0]}` : environment.workdir
  return {
    what: `${statement.trim()}

The code is in ${path}: a function with a bug, and tests for it.
- Fix the function so that the tests pass. Keep its name and its parameters.
- Do not change the tests: the original ones decide.`,
    how: 'Run the file to see whether the tests pass. When they do, call the finish tool.',
  }
}

function folderText({ environment, statement }: TaskDefinition): TaskTexts {
  return {
    what: `${statement.trim()}

The code is at ${environment.workdir}; work there. Hidden tests decide whether the task is solved.`,
    how: 'When you are done, call the finish tool.',
  }
}
