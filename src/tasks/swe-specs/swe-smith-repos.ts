import type { LogParserName } from '../../domain/task.ts'

/** How SWE-smith runs the tests of a Python repository. */
export interface SmithSpec {
  readonly test: string
  readonly parser: LogParserName
  /** What follows the command: the files of the failing tests, `-k` with their names, or nothing (it runs everything). */
  readonly targets: 'files' | 'cases' | 'none'
}

const GENERAL: SmithSpec = {
  test: 'pytest --disable-warnings --color=no --tb=no --verbose',
  parser: 'pytest-v2',
  targets: 'files',
}

/** Repositories by lowercase `owner/name` that differ from the rest (SWE-smith `swesmith/profiles/python.py`). */
const OTHERS: Readonly<Record<string, Partial<SmithSpec>>> = {
  'jax-ml/jax': { test: `${GENERAL.test} -n auto` },
  'paramiko/paramiko': { test: 'pytest -rA --color=no --disable-warnings', parser: 'pytest' },
  'mido/mido': { test: `${GENERAL.test} -rs -c /dev/null` },
  'pydantic/pydantic': { test: `/root/.local/bin/uv run ${GENERAL.test}` },
  'python/mypy': { test: 'pytest --color=no -rA', parser: 'pytest', targets: 'cases' },
  'tkrajina/gpxpy': { test: 'pytest test.py --verbose --color=no --tb=no --disable-warnings' },
  'tornadoweb/tornado': { test: 'python -m tornado.test --verbose', parser: 'django', targets: 'none' },
  'un33k/python-slugify': { test: 'python test.py --verbose', parser: 'django', targets: 'none' },
}

export function smithSpec(repository: string): SmithSpec {
  const key = repository.toLowerCase()
  return { ...GENERAL, ...(Object.hasOwn(OTHERS, key) ? OTHERS[key] : {}) }
}
