import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandHelp } from '../../commands/help.ts'
import { COMMANDS } from '../../commands/index.ts'
import { understand } from '../../commands/run.ts'
import { splitWords } from '../../commands/words.ts'
import { EXIT_CODES } from '../../src/domain/errors.ts'
import { SEALIGN_VERSION } from '../../src/domain/version.ts'
import { keysMarkdown } from '../../views/keymap.ts'
import { PAIRS_BINDINGS } from '../../views/pairs/keys.ts'
import { REPORT_BINDINGS } from '../../views/report/keys.ts'
import { ROLLOUT_BINDINGS } from '../../views/rollouts/keys.ts'
import { TRAIN_BINDINGS } from '../../views/train/keys.ts'
import { TREE_BINDINGS } from '../../views/tree/keys.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const readme = read('README.md')

describe('README', () => {
  it('names every command with its summary', () => {
    const rows = COMMANDS.map(
      ({ name, summary }) => `| \`${name}\` | ${summary.charAt(0).toLowerCase()}${summary.slice(1)} |`,
    )
    expect(rows.filter((row) => !readme.includes(row))).toEqual([])
  })

  it('names the two commands that do everything', () => {
    expect(readme).toContain('npm ci && npm start')
    expect(readme).toContain('npm ci && npm test')
  })
})

describe('docs/keys.md', () => {
  it('is made from the key tables (UPDATE_DOCS=1 npm test writes it anew)', () => {
    const fresh = keysMarkdown([
      { title: 'Rollouts', bindings: ROLLOUT_BINDINGS },
      { title: 'Tree', bindings: TREE_BINDINGS },
      { title: 'Pairs', bindings: PAIRS_BINDINGS },
      { title: 'Train', bindings: TRAIN_BINDINGS },
      { title: 'Report', bindings: REPORT_BINDINGS },
    ])
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync('docs/keys.md', fresh)
    expect(read('docs/keys.md')).toBe(fresh)
  })
})

describe('every command', () => {
  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    '%s has help with an example that can be typed',
    (name, command) => {
      expect(commandHelp(command)).toContain(command.example)
      const words = splitWords(command.example.replace(/ > ~.*/, ''))
      expect(words[0]).toBe('sealign')
      expect(understand(words.slice(1))).toMatchObject({ type: 'command', command: { name } })
    },
  )
})

describe('the documents', () => {
  it('link only to what is there', () => {
    const files = [
      'README.md',
      'CHANGELOG.md',
      ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.md'))
        .map((name) => join('docs', name)),
    ]
    const broken = files.flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)]
        .map(([, target = '']) => join(dirname(file), target))
        .filter((target) => !existsSync(target)),
    )
    expect(broken).toEqual([])
  })

  it('name files and tests that exist in the paper map', () => {
    const named = [...read('docs/paper-map.md').matchAll(/`((?:src|test)\/[\w./-]+)`/g)].map(([, path = '']) => path)
    expect(named.filter((path) => !existsSync(path))).toEqual([])
  })

  it('explain each word once', () => {
    const words = [...read('docs/glossary.md').matchAll(/^\| ([A-Z][\w ]+) \|/gm)].map(([, word]) => word)
    expect(new Set(words).size).toBe(words.length)
  })

  it('give the exit codes of the program', () => {
    for (const code of [
      EXIT_CODES.usage,
      EXIT_CODES.config,
      EXIT_CODES['not-found'],
      EXIT_CODES.store,
      EXIT_CODES.contract,
      EXIT_CODES.bug,
    ]) {
      expect(readme).toMatch(new RegExp(`· ${code} `))
    }
  })

  it('agree with the package on the version', () => {
    expect((JSON.parse(read('package.json')) as { version: string }).version).toBe(SEALIGN_VERSION)
    expect(read('CHANGELOG.md')).toContain(`## ${SEALIGN_VERSION}`)
  })
})
