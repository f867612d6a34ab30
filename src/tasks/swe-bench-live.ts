import type { TaskDefinition } from '../domain/task.ts'
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
import { sweFields } from './swe-bench.ts'
import { FORGET_FUTURE, imageName, TESTBED } from './swe-image.ts'
import { parserNamed } from './swe-specs/parser-names.ts'

/** Two and a half hours, as SWE-bench-Live's README advises: its rows run whole suites. */
const TIMEOUT_MS = 9_000_000

/**
 * A row of SWE-bench-Live: it brings the commands that rebuild, test and print the log (`evaluation/evaluation.py`). Rows whose
 * parser is a Python program of their own are not read, because we do not run programs that come with data outside a Sandbox.
 * @throws RowError
 */
export function sweBenchLiveTask(row: Row): TaskDefinition {
  const fields = sweFields(row, 'swe-bench-live')
  const tests = commandList(row, 'test_cmds')
  if (tests.length === 0) throw new RowError('field `test_cmds` is missing or empty; expected a list of commands')
  const parserField = optionalText(row, 'log_parser') === undefined ? 'parser' : 'log_parser'
  const parser = optionalText(row, parserField) ?? 'pytest'
  if (/\bdef \w+\(/.test(parser)) {
    throw new RowError(`field \`${parserField}\` is a program of the row's own, which is not run; expected \`pytest\``)
  }
  return {
    ...fields,
    environment: {
      image: imageField(row, 'docker_image') ?? imageName('starryzhang/sweb.eval.x86_64.', fields.id, '_1776_'),
      workdir: TESTBED,
      files: {},
      setup: FORGET_FUTURE,
      network: false,
      variables: { PIP_RETRIES: '0' },
    },
    grading: {
      files: {},
      testPatch: requiredText(row, 'test_patch', ROW_LIMITS.patch),
      install: commandList(row, 'rebuild_cmds'),
      commands: [...tests, ...commandList(row, 'print_cmds')],
      parser: parserNamed(parser.trim().toLowerCase(), parserField),
      rules: 'swe-bench-live',
      evaluation: 'pass_and_fail',
      ...testLists(row),
      timeoutMs: TIMEOUT_MS,
    },
  }
}
