import { LOG_PARSERS, type LogParserName } from '../../domain/task.ts'
import { RowError } from '../row.ts'

/** Parser functions of the harnesses that rows name, without `parse_log_` (SWE-bench and SWE-Gym `log_parsers`). */
const NAMES: Readonly<Record<string, LogParserName>> = {
  pytest: 'pytest',
  pytest_options: 'pytest-options',
  pytest_v2: 'pytest-v2',
  pytest_pydantic: 'pytest-pydantic',
  pydantic: 'pytest-pydantic',
  django: 'django',
  seaborn: 'seaborn',
  sympy: 'sympy',
  matplotlib: 'matplotlib',
  astropy: 'pytest-v2',
  scikit: 'pytest-v2',
  sphinx: 'pytest-v2',
  pydicom: 'pytest-options',
  requests: 'pytest-options',
  pylint: 'pytest-options',
}
const PLAIN =
  'astroid flask marshmallow pvlib pyvista sqlfluff xarray pandas hydra moto conan modin mypy dask monai dvc bokeh'
const PLAIN_PYTEST: ReadonlySet<string> = new Set(PLAIN.split(' '))

/** Our parser for the name a row gives: `parse_log_pytest`, `pytest`, `pytest-v2`. @throws RowError for any other. */
export function parserNamed(name: string, field: string): LogParserName {
  const own = LOG_PARSERS.find((parser) => parser === name)
  if (own !== undefined) return own
  const key = name.trim().replace(/^parse_log_/, '')
  if (PLAIN_PYTEST.has(key)) return 'pytest'
  const parser = Object.hasOwn(NAMES, key) ? NAMES[key] : undefined
  if (parser !== undefined) return parser
  const shown = /^[\w.-]{1,60}$/.test(name) ? ` \`${name}\`` : ''
  throw new RowError(
    `field \`${field}\` names a log parser${shown} that is not supported; supported: ${LOG_PARSERS.join(', ')}`,
  )
}
