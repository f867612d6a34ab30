import type { TaskDefinition } from '../../src/domain/task.ts'

/** A folder Task in `/testbed` that `true` judges. */
export function plainTask(rest: Partial<TaskDefinition> = {}): TaskDefinition {
  return {
    id: 'plain',
    set: 'folder',
    statement: 'Fix it.',
    environment: { workdir: '/testbed', files: {}, setup: [], network: false, variables: {} },
    grading: {
      files: {},
      install: [],
      commands: ['true'],
      parser: 'exit-code',
      rules: 'exit-code',
      evaluation: 'pass_and_fail',
      failToPass: [],
      passToPass: [],
      timeoutMs: 10_000,
    },
    ...rest,
  }
}
