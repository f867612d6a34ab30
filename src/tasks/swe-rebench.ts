import { isObject } from '../domain/json.ts'
import type { TaskDefinition, TaskEnvironment } from '../domain/task.ts'
import {
  commandList,
  imageField,
  optionalText,
  requiredText,
  ROW_LIMITS,
  type Row,
  RowError,
  testLists,
} from './row.ts'
import { sweFields, withFiles } from './swe-bench.ts'
import { ACTIVATE, FORGET_FUTURE, imageName, sweEnvironment } from './swe-image.ts'
import { parserNamed } from './swe-specs/parser-names.ts'

const TIMEOUT_MS = 1_800_000

/**
 * A row of SWE-rebench. The first release is graded like SWE-bench with the commands of `install_config` (SWE-rebench
 * `SWE-bench-fork`, `test_spec/python.py`); the second (column `image_name`) runs its test commands as they are, in a folder
 * named after the repository, without conda.
 * @throws RowError
 */
export function sweRebenchTask(row: Row): TaskDefinition {
  const fields = sweFields(row, 'swe-rebench')
  const config = row['install_config']
  if (!isObject(config)) throw new RowError('field `install_config` is missing; expected an object with `test_cmd`')
  const tests = commandList(config, 'test_cmd')
  if (tests.length === 0) throw new RowError('field `install_config.test_cmd` is missing or empty; expected a command')
  const parser = parserNamed(
    optionalText(config, 'log_parser', ROW_LIMITS.command) ?? 'pytest',
    'install_config.log_parser',
  )
  const testPatch = requiredText(row, 'test_patch', ROW_LIMITS.patch)
  const common = {
    files: {},
    testPatch,
    parser,
    rules: 'swe-bench-4',
    evaluation: 'pass_and_fail',
    ...testLists(row),
    timeoutMs: TIMEOUT_MS,
  } as const
  const second = imageField(row, 'image_name')
  if (second !== undefined) {
    const environment = ownFolder(second, fields.repository ?? '')
    return { ...fields, environment, grading: { ...common, install: [], commands: tests } }
  }
  const last = withFiles(tests.at(-1) ?? '', testPatch)
  const image =
    imageField(row, 'docker_image', 'image') ?? imageName('swerebench/sweb.eval.x86_64.', fields.id, '_1776_')
  return {
    ...fields,
    environment: sweEnvironment({ image }),
    grading: {
      ...common,
      install: [ACTIVATE, ...commandList(config, 'eval_commands'), ...commandList(config, 'install')],
      commands: [ACTIVATE, ...commandList(config, 'eval_commands'), ...tests.slice(0, -1), last],
    },
  }
}

function ownFolder(image: string, repository: string): TaskEnvironment {
  return {
    image,
    workdir: `/${repository.slice(repository.indexOf('/') + 1)}`,
    files: {},
    setup: FORGET_FUTURE,
    network: false,
    variables: { PIP_RETRIES: '0' },
  }
}
