import type { FileMap, TaskDefinition } from '../../domain/task.ts'
import { START_REPOSITORY } from '../start-repository.ts'
import { TASK_FILE } from '../task-folder.ts'

/** A Task in our folder format (docs/tasks.md), as texts by path below its folder; the folder is named after the Task. */
export function folderFiles(task: TaskDefinition): FileMap {
  const { environment, grading, referencePatch } = task
  return {
    [TASK_FILE]: `${JSON.stringify(taskFile(task), undefined, 2)}\n`,
    'statement.md': `${task.statement.trim()}\n`,
    ...below('files', environment.files),
    ...below('tests', grading.files),
    ...(referencePatch === undefined ? {} : { 'reference.patch': referencePatch }),
  }
}

function taskFile({ repository, version, environment, grading }: TaskDefinition): Readonly<Record<string, unknown>> {
  const { image, workdir, setup, network, variables } = environment
  const named = grading.parser !== 'exit-code'
  const own = setup.filter((command) => !START_REPOSITORY.includes(command))
  return {
    ...(repository === undefined ? {} : { repository }),
    ...(version === undefined ? {} : { version }),
    ...(image === undefined ? {} : { image }),
    ...(workdir === '/workspace' ? {} : { workdir }),
    ...(own.length === 0 ? {} : { setup: own }),
    ...(network ? { network } : {}),
    ...(Object.keys(variables).length === 0 ? {} : { variables }),
    tests: {
      ...(grading.install.length === 0 ? {} : { install: grading.install }),
      commands: grading.commands,
      ...(named
        ? {
            parser: grading.parser,
            rules: grading.rules,
            failToPass: grading.failToPass,
            passToPass: grading.passToPass,
          }
        : {}),
      timeoutSeconds: grading.timeoutMs / 1_000,
      ...(grading.memoryBytes === undefined ? {} : { memoryMegabytes: grading.memoryBytes / 1024 ** 2 }),
      ...(grading.cpus === undefined ? {} : { cpus: grading.cpus }),
    },
  }
}

function below(folder: string, files: FileMap): FileMap {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]))
}
