import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { topLevelCommands } from '../../../src/rollout/tools/shell-commands.ts'

/** Each is one command; together they hold every way in which a newline does not end one. */
const ONE_COMMAND = [
  'ls -la',
  'cd /testbed && git status',
  'cd /testbed &&\n  git status',
  'cat a.py |\n  grep -n def',
  'false ||\n\n  echo no',
  'python -m pytest \\\n  -x \\\n  tests',
  'echo "two\nlines"',
  "echo 'two\nlines # (no comment'",
  "printf $'it\\'s\\n\nok'",
  'python -c "\nprint(\'a\')\nprint(\\"b\\")\n"',
  "cat > a.py <<'EOF'\nprint('unbalanced \" quote (')\nEOF",
  'cat <<-END\n\tindented\n\tEND',
  'cat <<A - <<B\n1\nA\n2\nB',
  'cat <<< "here string\nof two lines"',
  "git commit -m \"$(cat <<'EOF'\nit's a (message\nEOF\n)\"",
  'echo $(ls\npwd)',
  'echo `ls\npwd`',
  'for f in *.py; do echo $f; done',
  'for f in a \\\n  b\ndo\n  echo $f\ndone',
  'for f do echo $f; done',
  'for ((i = 0; i < 3; i++)); do\n  echo $i\ndone',
  'while read -r line; do\n  echo "$line"\ndone < <(ls\npwd)',
  'until false\ndo\n  break\ndone',
  'if [ -f a ]; then\n  cat a\nelif [[ $x =~ ^(a|b)$ &&\n  $y == *.py ]]; then\n  ls\nelse\n  pwd\nfi',
  'case $1 in\n  a) ls ;;\n  (b | c)\n    pwd\n    ;;\n  *) echo esac\nesac',
  'case x in x) ls\nesac',
  'f() {\n  echo f\n}',
  'function g\n{\n  echo g\n}',
  'h() (\n  echo h\n)',
  '(cd src\n  ls)',
  '{ ls\n  pwd; } > out.txt',
  'files=(a.py # first )\n  "b c.py")',
  'if true; then echo ${x//\\}/y}; fi',
  '(( x = 1 << 2 ))',
  'echo $(( (1 + 2) * 3 )) $((4))',
  '! grep -q x a.py',
  'time ls',
  'python app.py > log 2>&1 &',
  'ls; pwd;',
  'ls 2>/dev/null; pwd >&2 &> both',
  'find . \\( -name a -o -name b \\) -exec grep x {} \\;',
  'sed -i "s/`date`/\\$x/" a',
  'echo a#b {a,b} } done',
  'X=1 Y=2 env',
]

const CORPUS = join('..', 'shared', 'data', 'mini-swe-agent-dev-x4')

describe('commands of a shell text', () => {
  test.each(ONE_COMMAND)('%j is one command', (command) => {
    expect(spawnSync('bash', ['-n', '-c', command]).status).toBe(0)
    expect(topLevelCommands(command)).toEqual([command])
  })

  test('any such commands on lines of their own are told apart, comments and empty lines left out', () => {
    const line = fc.constantFrom(...ONE_COMMAND)
    const noise = fc.constantFrom('\n', '\n\n  ', '\n# a comment (\n', '\n \t\n')
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), noise, (commands, between) => {
        expect(topLevelCommands(commands.join(between))).toEqual(commands)
      }),
    )
  })

  test.each([
    "echo 'never closed",
    'echo "never closed',
    'if true; then ls',
    'for f in a b; do ls',
    'ls)',
    'done',
    'echo $(ls',
    'ls &&',
    '{ ls',
    'case x in',
    'f()',
    'echo ${x',
    'ls ;; pwd',
  ])('%j is not complete bash: it is left to bash itself', (text) => {
    expect(topLevelCommands(text)).toBeUndefined()
  })

  test('nothing but comments and white space holds no command', () => {
    expect(topLevelCommands(' \n# only a comment')).toEqual([])
  })

  test('never throws, whatever the text', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      '{',
      '}',
      '$(',
      '"',
      "'",
      '`',
      '<<E',
      '\n',
      'E',
      ' if ',
      'case x in ',
      ';;',
      'a=(',
      '\\',
      '$((',
      '[[ ',
      '#',
      '&',
      'f()',
      ' done',
      'x',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const commands = topLevelCommands(pieces.join(''))
        expect(commands === undefined || Array.isArray(commands)).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  test('is read in time proportional to its length, however deep it nests', () => {
    const started = performance.now()
    for (const part of [
      '(',
      '$((',
      '$(',
      '"$(',
      '${x',
      '<<E\n',
      '{ ',
      'a=(',
      '((',
      '(a);',
      'if x\n',
      'case x in a) ',
      '`',
      '[[ ',
    ]) {
      topLevelCommands(part.repeat(200_000))
    }
    expect(topLevelCommands('echo x\n'.repeat(200_000))).toHaveLength(200_000)
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test.skipIf(!existsSync(CORPUS))(`real commands are read as bash reads them (needs ${CORPUS})`, () => {
    const commands = realCommands(250)
    expect(commands.length).toBeGreaterThan(100)
    const wrong = commands.filter((command) => {
      if (!isBash(command)) return false
      const parts = topLevelCommands(command)
      return parts === undefined || (parts.length > 1 && !parts.every(isBash))
    })
    expect(wrong).toEqual([])
  })
})

function isBash(text: string): boolean {
  return spawnSync('bash', ['-n'], { input: text }).status === 0
}

/** Commands with a newline in them, from recorded runs. */
function realCommands(limit: number): string[] {
  const found = new Set<string>()
  for (const entry of readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.json') && !entry.endsWith('.traj')) continue
    const text = readFileSync(join(CORPUS, entry), 'utf8')
    for (const [, command = ''] of text.matchAll(/"command\\?"\s*:\s*\\?"((?:[^"\\]|\\.)+)\\?"/g)) {
      const plain = unescaped(command)
      if (plain?.includes('\n') === true) found.add(plain)
      if (found.size >= limit) return [...found]
    }
  }
  return [...found]
}

function unescaped(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${text}"`)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
