import { describe, expect, test } from 'vitest'
import { splitWords } from '../../../commands/words.ts'
import { SHELL_BINDINGS } from '../../../views/keymap.ts'
import { ROLLOUT_BINDINGS } from '../../../views/rollouts/keys.ts'
import type { Screen } from '../../flows/screen.ts'
import { open, WIDE } from './step-model.ts'

describe('keys become commands', () => {
  const pressed = async (line: number, ...keys: readonly string[]): Promise<Screen> => {
    const { screen } = open(WIDE)
    screen.press(...Array.from({ length: line }, () => 'j'))
    for (const key of keys) {
      screen.press(key)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return screen
  }

  test('p pauses what runs and resumes what is paused', async () => {
    expect((await pressed(0, 'p')).ran).toEqual(['rollout pause 1'])
    expect((await pressed(1, 'p')).ran).toEqual(['rollout resume 2'])
  })

  test('x asks once; another key or another rollout forgets the question', async () => {
    const screen = await pressed(0, 'x')
    expect(screen.ran).toEqual([])
    expect(screen.text()).toContain('x again cancels dask__dask-9349 run 1')
    expect((await pressed(0, 'x', 'x')).ran).toEqual(['rollout cancel 1'])
    expect((await pressed(0, 'x', 'j', 'x')).ran).toEqual([])
    expect((await pressed(0, 'x', 'd', 'd', 'x')).ran).toEqual([])
  })

  test('x asks anew after the notice is gone', async () => {
    const { screen, model } = open(WIDE)
    screen.press('x')
    model.nowMs += 7_000
    screen.press('x')
    expect(screen.ran).toEqual([])
  })

  test('r runs ended ones again and says why it cannot otherwise', async () => {
    expect((await pressed(2, 'r')).ran).toEqual(['rollout requeue 3'])
    const screen = await pressed(0, 'r')
    expect(screen.ran).toEqual([])
    expect(screen.text()).toContain('Not now: the rollout has not ended; x cancels it.')
  })

  test.each(['it\'s $HOME; rm -rf / "quoted" `id`', '--json', '-x y', 'two words'])(
    'n sends %s as one word',
    async (text) => {
      const { screen } = open(WIDE)
      screen.press('n').type(text).press('enter')
      const words = splitWords(screen.ran[0] ?? '')
      expect(words.filter((word) => word !== '--')).toEqual(['rollout', 'nudge', '1', text])
      // What begins like a flag comes after the end of the flags.
      expect(words[3] === '--').toBe(text.startsWith('-'))
    },
  )

  test('an empty message is not sent', () => {
    const { screen } = open(WIDE)
    screen.press('n').type('  ').press('enter')
    expect(screen.ran).toEqual([])
  })

  test('s gives the terminal to a shell in the sandbox, where there is one', async () => {
    const { screen, model } = open(WIDE)
    expect(screen.press('s').text()).toContain('Not now: the rollout has no sandbox now.')
    const attach = ['docker', 'exec', '-it', 'abc', 'bash']
    model.details.set(1, { live: '', liveKind: '', nudges: [], attach })
    model.changed()
    screen.press('s')
    await new Promise((resolve) => setImmediate(resolve))
    expect(screen.attached).toEqual([attach])
    expect(screen.text()).toContain('Back from the sandbox of dask__dask-9349 run 1.')
  })

  test('y copies the action under the cursor, e opens the transcript', () => {
    const { screen } = open(WIDE)
    screen.press('y', 'e')
    expect(screen.copied).toEqual(['execute_bash\necho 10'])
    expect(screen.edited[0]).toContain('output of step 10')
  })
})

describe('keys', () => {
  test('no key means two things in the pane', () => {
    const keys = ROLLOUT_BINDINGS.flatMap((row) => row.on)
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('none hides a key that works everywhere', () => {
    const taken = new Set(ROLLOUT_BINDINGS.flatMap((row) => row.on))
    expect(SHELL_BINDINGS.flatMap((row) => row.on).filter((key) => taken.has(key))).toEqual([])
  })

  test('the footer offers only what can be done now', () => {
    const { screen } = open(WIDE)
    expect(screen.lines().at(-1)).toContain('p pause')
    expect(screen.lines().at(-1)).not.toContain('requeue')
    expect(screen.press('j', 'j').lines().at(-1)).toContain('r requeue')
  })
})
