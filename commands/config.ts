import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { defineCommand } from './define.ts'
import { table } from './table.ts'
import { type UserSettingName, UserSettings } from './user-config.ts'

const NAMES = Object.keys(UserSettings.shape) as [UserSettingName, ...UserSettingName[]]

export const configCommand = defineCommand({
  name: 'config',
  summary: 'Show or change your settings on this machine',
  example: 'sealign config reviewer ada',
  args: z.object({
    name: z.enum(NAMES).optional().describe('setting'),
    value: z.array(z.string()).optional().describe('new value; several words for a list'),
    unset: z.boolean().default(false).describe('go back to the default'),
  }),
  positional: ['name', 'value'],
  run({ name, value, unset }, { config }) {
    if (name !== undefined && (unset || value !== undefined))
      config.set(name, unset ? undefined : typed(name, value ?? []))
    else if (value !== undefined || unset)
      throw new SealignError('usage', 'config: name the setting first', { hint: 'Usage: sealign config NAME VALUE' })
    const shown = name === undefined ? NAMES : [name]
    return {
      file: config.path,
      settings: shown.map((each) => ({
        name: each,
        value: each === 'apiKey' && config.get(each) !== undefined ? '(set)' : (config.get(each) ?? null),
        meaning: UserSettings.shape[each].description ?? '',
      })),
    }
  },
  text: ({ file, settings }, style) =>
    [
      table(
        [{ title: 'SETTING' }, { title: 'VALUE' }, { title: 'MEANING' }],
        settings.map(({ name, value, meaning }) => [
          name,
          Array.isArray(value) ? value.join(' ') : (value ?? '–'),
          meaning,
        ]),
        style,
      ),
      `kept in ${file}`,
    ].join('\n'),
})

function typed(name: UserSettingName, words: readonly string[]): unknown {
  return name === 'redactVariables' ? words : words.join(' ')
}
