import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/domain/json.ts'
import { nativeFormat } from '../../src/rollout/call-format/native-format.ts'
import { textFormat } from '../../src/rollout/call-format/text-format.ts'
import { createStagedProfile } from '../../src/rollout/staged-profile.ts'
import { createSearchTools } from '../../src/rollout/staged/search-tools.ts'
import { createStuckWatch } from '../../src/rollout/stuck-watch.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { answers, eventsOf, rollOut, taskOf, textCall } from './loop-runs.ts'
import { inside, repositorySandbox } from './loop-sandbox.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

const FILES = {
  'lib/shapes.py': `import math


class Square:
    """A square."""

    def __init__(self, side):
        self.side = side

    @property
    def area(self):
        if self.side > 0:
            return self.side + self.side

        return 0


def area(width, height):
    return width + height
`,
  'src/shapes.js': `class Square extends Shape {
  constructor(side) {
    this.side = side
  }

  area() {
    if (this.side > 0) {
      return this.side + this.side
    }
    return 0
  }
}

const double = (x) => {
  return x + x
}
`,
}

const edit = (patched: string) => ({
  edits: JSON.stringify([{ path: 'lib/shapes.py', original: 'return self.side + self.side', patched }]),
})
const RIGHT = edit('return self.side * self.side')
const WRONG = edit('return self.side')

describe('the staged workflow', () => {
  test('goes search → locate → patch → check → patch → check and ends with the last patch', async () => {
    const run = await rollOut({
      profile: createStagedProfile(textFormat),
      task: taskOf(FILES, { statement: 'Square.area is wrong.' }),
      script: [
        textCall('search_class', { class_name: 'Square' }),
        textCall('write_patch', RIGHT),
        textCall('done_searching', {}),
        textCall('locate', { locations: JSON.stringify([{ path: 'lib/shapes.py', start: 11, end: 15 }]) }),
        textCall('write_patch', WRONG),
        textCall('run_check', { command: 'cd lib && python3 -c "from shapes import Square; print(Square(3).area)"' }),
        textCall('judge_patch', { correct: 'false', reason: 'It prints 3.' }),
        textCall('write_patch', RIGHT),
        textCall('run_check', {
          command: 'cd lib && python3 -c "from shapes import Square; assert Square(3).area == 9"',
        }),
        textCall('judge_patch', { correct: 'true' }),
      ],
    })
    expect(run.end).toBe('finished')
    expect(run.steps).toHaveLength(10)
    expect(answers(run.steps[1])[0]).toContain('no tool of this stage')
    expect(answers(run.steps[5])[0]).toMatch(/\n3\n\[Command finished with exit code 0\]/)
    expect(eventsOf(run, 'nudge').map(({ text, by }) => [by, /^.*?Stage \w+/.exec(text)?.[0]])).toEqual([
      ['profile', 'Stage locate'],
      ['profile', 'Stage patch'],
      ['profile', 'Stage check'],
      ['profile', 'The patch was taken back. Stage patch'],
      ['profile', 'Stage check'],
    ])
    expect(run.steps[8]).toMatchObject({ exitCode: 0 })
    expect(run.patch).toContain('+            return self.side * self.side')
    expect(run.patch?.match(/^[+-] .*$/gm)).toHaveLength(2)
  })

  test('moves on when the turns of a stage are used up, and gives up without a patch', async () => {
    const run = await rollOut({
      profile: createStagedProfile(nativeFormat),
      task: taskOf(FILES),
      stuck: createStuckWatch('off'),
      script: ({ messages }) => ({
        toolCalls: [{ name: 'view_lines', arguments: { path: 'lib/shapes.py', line: messages.length } }],
      }),
    })
    expect(run.end).toBe('gave-up')
    expect(run.steps).toHaveLength(10 + 3 + 4)
    expect(run.patch).toBe('')
  })

  test('replays into the same stage', async () => {
    const script = [
      textCall('done_searching', {}),
      textCall('locate', { locations: '[{"path": "lib/shapes.py"}]' }),
      textCall('write_patch', WRONG),
      textCall('judge_patch', { correct: 'false' }),
      textCall('write_patch', RIGHT),
      textCall('judge_patch', { correct: 'true' }),
    ]
    const profile = createStagedProfile(textFormat)
    const task = taskOf(FILES)
    const first = await rollOut({ profile, task, script })
    const run = await rollOut({
      profile,
      task,
      script,
      prefix: { steps: first.steps.slice(0, 4), from: 'replay', stored: true, prompt: first.prompt },
    })
    expect(run).toMatchObject({ end: 'finished', patch: first.patch })
    expect(first.patch).toContain('self.side * self.side')
  })
})

describe('the search tools', () => {
  async function tools(): Promise<(name: string, args: JsonObject) => Promise<string>> {
    const sandbox: Sandbox = await repositorySandbox(FILES)
    await inside(
      sandbox,
      'ln -s /etc/passwd secrets.py; mkdir -p node_modules/m; echo "class Square {}" > node_modules/m/i.js',
    )
    const { signal } = new AbortController()
    return async (name, args) => {
      const tool = createSearchTools().find((one) => one.name === name)
      return (await tool?.run(args, { sandbox, signal }))?.text ?? 'no such tool'
    }
  }

  test('show classes as skeletons and methods with their code, in Python and JavaScript', async () => {
    const call = await tools()
    expect(await call('search_class', { class_name: 'Square' })).toBe(`Found 2 places (definition of Square).

lib/shapes.py:4
     4	class Square:
     7	    def __init__(self, side):
    10	    @property
    11	    def area(self):

src/shapes.js:1
     1	class Square extends Shape {
     2	  constructor(side) {
     6	  area() {`)
    const area = await call('search_method', { method_name: 'area' })
    expect(area).toContain('lib/shapes.py:11\n    11\t    def area(self):\n')
    expect(area).toContain('    15\t        return 0\n')
    expect(area).toContain('lib/shapes.py:18\n    18\tdef area(width, height):\n    19\t    return width + height')
    expect(area).toContain('src/shapes.js:6\n     6\t  area() {')
    expect(area).toContain('    11\t  }')
    expect(await call('search_method', { method_name: 'double' })).toContain('    14\tconst double = (x) => {\n')
  })

  test('find code letter for letter, in one folder when asked', async () => {
    const call = await tools()
    expect(await call('search_code', { code: 'self.side + self.side' })).toContain('lib/shapes.py:13')
    expect(await call('search_code', { code: 'this.side', path: 'lib' })).toBe('ERROR:\nFound no line with this.side.')
    expect(await call('search_code', { code: 'x', path: 'nowhere' })).toContain('does not exist')
  })

  test('run nothing that a call says and read nothing outside the repository', async () => {
    const call = await tools()
    for (const code of ["'; touch /testbed/owned; '", '$(touch /testbed/owned)', '-e', '--include=*', '`touch owned`'])
      expect(await call('search_code', { code })).toContain('Found no line')
    expect(await call('search_code', { code: 'owned', path: "'; touch owned; '" })).toContain('does not exist')
    expect(await call('search_class', { class_name: 'A; touch /testbed/owned' })).toContain('must be a name')
    expect(await call('search_code', { code: 'root:', path: '/etc/passwd' })).toContain('must lie inside')
    expect(await call('view_lines', { path: '../etc/passwd', line: 1 })).toContain('not inside')
    expect(await call('search_code', { code: 'root:' })).toContain('Found no line')
    expect(await call('search_code', { code: 'owned' })).toContain('Found no line')
  })
})
