import type { LogParserName } from '../../domain/task.ts'
import { parseDjango } from './django.ts'
import { parseMatplotlib, parsePydantic, parsePytest, parsePytestOptions, parsePytestV2 } from './pytest.ts'
import { parseSeaborn } from './seaborn.ts'
import type { Statuses } from './statuses.ts'
import { parseSympy } from './sympy.ts'

const PARSERS: Readonly<Record<LogParserName, (log: string) => Statuses>> = {
  pytest: parsePytest,
  'pytest-options': parsePytestOptions,
  'pytest-v2': parsePytestV2,
  'pytest-pydantic': parsePydantic,
  django: parseDjango,
  seaborn: parseSeaborn,
  sympy: parseSympy,
  matplotlib: parseMatplotlib,
  'exit-code': () => new Map(),
}

/** What a log says of each test; linear in its length whatever it holds, since the program under test writes it. */
export function parseLog(parser: LogParserName, log: string): Statuses {
  return PARSERS[parser](log)
}
