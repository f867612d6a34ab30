import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../sessions/temporary.ts'

const SETUP = resolve('trainer/setup.sh')

/**
 * A `python3` that writes down what it is asked; `venv` makes an environment with one of the same kind.
 * @param lacks - imports that fail.
 */
function scriptedPython3(folder: string, lacks = 'nothing'): string {
  const path = join(folder, 'python3')
  writeFileSync(
    path,
    `#!/bin/sh
echo "$0 $*" >> '${folder}/asked'
case "$*" in
  *${lacks}*) exit 1 ;;
  '--version') echo 'Python 3.11.7' ;;
  '-m venv '*) mkdir -p "$3/bin" && cp '${path}' "$3/bin/python" ;;
esac
`,
  )
  chmodSync(path, 0o755)
  return path
}

function setUp(folder: string, words: readonly string[], env: Record<string, string> = {}) {
  mkdirSync(join(folder, 'home'), { recursive: true })
  const { status, stderr } = spawnSync('/bin/bash', [SETUP, ...words], {
    encoding: 'utf8',
    env: { PATH: `${folder}:/usr/bin:/bin`, HOME: join(folder, 'home'), ...env },
  })
  return { status, stderr }
}

test('an environment is made and filled, and brought up to date the next time', () => {
  const folder = temporaryFolder()
  scriptedPython3(folder)
  writeFileSync(join(folder, 'nvidia-smi'), '#!/bin/sh\nexit 9\n', { mode: 0o755 })
  const dir = join(folder, 'environment')
  expect(setUp(folder, [dir])).toMatchObject({ status: 0, stderr: expect.stringContaining(`Done: ${dir}/bin/python`) })
  const asked = readFileSync(join(folder, 'asked'), 'utf8')
  expect(asked).toContain(`-m venv ${dir}`)
  expect(asked).toMatch(
    /environment\/bin\/python -m pip install .* --index-url https:\/\/download\.pytorch\.org\/whl\/cpu torch==/,
  )
  expect(asked).toContain(`-r ${resolve('trainer/requirements.txt')}`)
  writeFileSync(join(folder, 'asked'), '')
  writeFileSync(join(folder, 'nvidia-smi'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  expect(setUp(folder, [dir])).toMatchObject({ status: 0 })
  const again = readFileSync(join(folder, 'asked'), 'utf8')
  expect(again).not.toContain('-m venv')
  expect(again).not.toContain('--index-url')
  expect(again).toContain('pip install')
})

test('what is missing is one sentence, and nothing is made', () => {
  const folder = temporaryFolder()
  const dir = join(folder, 'environment')
  expect(setUp(folder, [dir], { PYTHON: 'python9' })).toEqual({
    status: 1,
    stderr:
      'setup.sh: there is no python9: install Python 3.11 or newer, or name yours with PYTHON=/path/to/python3.\n',
  })
  scriptedPython3(folder, 'version_info')
  expect(setUp(folder, [dir])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Python 3.11 or newer is needed'),
  })
  scriptedPython3(folder, 'ensurepip')
  expect(setUp(folder, [dir])).toEqual({
    status: 1,
    stderr:
      'setup.sh: python3 lacks the modules venv and ensurepip: install them (Debian, Ubuntu: apt install python3-venv).\n',
  })
  expect(existsSync(dir)).toBe(false)
  scriptedPython3(folder, 'transformers')
  expect(setUp(folder, [dir])).toMatchObject({ status: 1, stderr: expect.stringContaining('do not load') })
})
