import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { callText } from '../../../src/exporters/call-text.ts'
import type { ParsedReply } from '../../../src/rollout/call-format/parsed-reply.ts'
import { createTextFormat, textFormat } from '../../../src/rollout/call-format/text-format.ts'
import { says, TOOLS } from './tools.ts'

const LS = '<function=execute_bash>\n<parameter=command>ls -la</parameter>\n</function>'

function parse(content: string): ParsedReply {
  return textFormat.parse(says(content), TOOLS)
}

/** Arguments of the one call, or why there is none. */
function read(content: string, format = textFormat): unknown {
  const parsed = format.parse(says(content), TOOLS)
  if (parsed.kind === 'call') return parsed.calls[0]?.args
  return parsed.kind === 'malformed' ? parsed.reason : parsed.kind
}

describe('a call in a reply’s text', () => {
  test('is read with its thought', () => {
    const parsed = parse(`I look around.\n\n${LS}`)
    expect(parsed).toMatchObject({
      kind: 'call',
      written: 'text',
      thought: 'I look around.',
      calls: [{ call: { name: 'execute_bash', arguments: { command: 'ls -la' } }, args: { command: 'ls -la' } }],
    })
  })

  test('is closed where the stop text cut it off, in the conversation too', () => {
    const cut = 'Look.\n<function=execute_bash>\n<parameter=command>ls</parameter>\n'
    for (const tail of ['', '</', '</function']) {
      expect(parse(cut + tail)).toMatchObject({ kind: 'call', reply: { content: `${cut}</function>` } })
    }
  })

  test('wins over the calls after it', () => {
    expect(read(`${LS}\nthen\n${LS.replace('ls -la', 'rm -r /')}`)).toEqual({ command: 'ls -la' })
  })

  test('counts under the names that other generations gave its tool', () => {
    const parsed = parse('<function=bash>\n<parameter=command>ls</parameter>\n</function>')
    expect(parsed).toMatchObject({ kind: 'call', calls: [{ tool: { name: 'execute_bash' }, call: { name: 'bash' } }] })
  })

  test('keeps white space inside its values but for the form’s own newlines; `strip` takes all around them', () => {
    const call =
      '<function=str_replace_editor>\n<parameter=command>str_replace</parameter>\n<parameter=path>/a</parameter>\n' +
      '<parameter=old_str>\n    x = 1\n\n</parameter>\n</function>'
    expect(read(call)).toEqual({ command: 'str_replace', path: '/a', old_str: '    x = 1\n' })
    expect(read(call, createTextFormat({ strip: true }))).toEqual({
      command: 'str_replace',
      path: '/a',
      old_str: 'x = 1',
    })
  })

  test('has integers, arrays and choices read by their type', () => {
    const call =
      '<function=str_replace_editor>\n<parameter=command>\nview\n</parameter>\n<parameter=path>/a</parameter>\n' +
      '<parameter=view_range>[1, 20]</parameter>\n<parameter=insert_line> 3 </parameter></function>'
    expect(read(call)).toEqual({ command: 'view', path: '/a', view_range: [1, 20], insert_line: 3 })
    const input =
      '<function=execute_bash><parameter=command>y</parameter><parameter=is_input>True</parameter><parameter=timeout>2.5</parameter></function>'
    expect(read(input)).toEqual({ command: 'y', is_input: 'true', timeout: 2.5 })
  })

  test('loses parameters that change nothing, and keeps them in the call as written', () => {
    const call =
      '<function=finish>\n<parameter=message>done</parameter>\n<parameter=task_completed>true</parameter>\n<parameter=security_risk>LOW</parameter>\n</function>'
    expect(parse(call)).toMatchObject({
      calls: [
        {
          args: { message: 'done' },
          call: { arguments: { message: 'done', task_completed: 'true', security_risk: 'LOW' } },
        },
      ],
    })
  })

  test('is found inside the wrappers that other chat templates put around it', () => {
    const parsed = parse(`<think>\nWhere is it?\n</think>\n\n<tool_call>\n${LS}\n</tool_call>`)
    expect(parsed).toMatchObject({ kind: 'call', thought: 'Where is it?' })
    expect(parse(`<think>Where?\n</think><tool_call>${LS}`)).toMatchObject({ thought: 'Where?' })
    expect(parse(`<think>Where?</think>\nI look.\n${LS}`)).toMatchObject({ thought: '<think>Where?</think>\nI look.' })
    expect(parse(`Where?\n</think>\n${LS}`)).toMatchObject({ kind: 'call', thought: 'Where?' })
  })

  test('does not count while it is only thought about', () => {
    const reply = `<think>I could run <function=execute_bash>\n<parameter=command>rm x</parameter>\n</function> or not.</think>\n${LS}`
    expect(read(reply)).toEqual({ command: 'ls -la' })
  })

  test('with the slip key=value is read as meant', () => {
    const slip =
      '<function=str_replace_editor>\n<parameter=command=view</parameter>\n<parameter=path>/a</parameter>\n</function>'
    expect(read(slip)).toEqual({ command: 'view', path: '/a' })
  })
})

describe('a reply without a readable call', () => {
  test('is a message when it has no call at all', () => {
    expect(parse('I am done.')).toMatchObject({ kind: 'message', thought: 'I am done.' })
    expect(parse('')).toMatchObject({ kind: 'message', thought: '' })
  })

  test.each([
    [
      '<function=browse>\n</function>',
      'Function `browse` does not exist. Available functions: `execute_bash`, `str_replace_editor`, `think`, `finish`.',
    ],
    [
      '<function=execute_bash>\n</function>',
      'Missing required parameter `command` (string) of function `execute_bash`.',
    ],
    [
      '<function=execute_bash>\n<parameter=cmd>ls</parameter>\n</function>',
      'Parameter `cmd` is not allowed for function `execute_bash`. Allowed: `command`, `is_input`, `timeout`.',
    ],
    [
      '<function=str_replace_editor>\n<parameter=command>delete</parameter>\n<parameter=path>/a</parameter>\n</function>',
      'Parameter `command` of function `str_replace_editor` must be one of `view`, `create`, `str_replace`, `insert`, `undo_edit`, got `delete`.',
    ],
    [
      '<function=str_replace_editor>\n<parameter=command>insert</parameter>\n<parameter=path>/a</parameter>\n<parameter=insert_line>end</parameter>\n</function>',
      'Parameter `insert_line` of function `str_replace_editor` must be an integer, got `end`.',
    ],
    [
      '<function=str_replace_editor>\n<parameter=command>view</parameter>\n<parameter=path>/a</parameter>\n<parameter=view_range>1-5</parameter>\n</function>',
      'Parameter `view_range` of function `str_replace_editor` must be an array in JSON form, such as [1, 20], got `1-5`.',
    ],
    [
      '<function=execute_bash>\n<parameter=command>echo "cut off',
      'The call could not be read: the parameter `command` is not closed by `</parameter>`.',
    ],
    [
      `${LS.replace('</function>', '')}${LS.replace('</function>', '')}`,
      'The call could not be read: several calls are opened and none is closed by `</function>`.',
    ],
  ])('%j says what is wrong with it', (content, reason) => {
    const parsed = parse(content)
    expect(parsed).toMatchObject({ kind: 'malformed', reason, reply: { content } })
    const [answer, ...more] = textFormat.results(parsed, [])
    expect(more).toEqual([])
    expect(answer).toMatchObject({ role: 'user' })
    expect(answer?.content).toContain(reason)
  })

  test('keeps what it said before the call, and the call as far as it was read', () => {
    expect(parse(`I browse.\n<function=browse>\n<parameter=url>x</parameter>\n</function>`)).toMatchObject({
      kind: 'malformed',
      thought: 'I browse.',
      calls: [{ name: 'browse', arguments: { url: 'x' } }],
    })
  })
})

describe('any text', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      '<function=',
      '<function=execute_bash>',
      '<parameter=',
      '<parameter=command>',
      'x',
      '>',
      '</parameter>',
      '</function',
      '</function>',
      '</',
      '<think>',
      '</think>',
      '<tool_call>',
      '\n',
    ),
  )

  test('is parsed without throwing, and malformed or not, its reply stays', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const content = pieces.join('')
        const parsed = parse(content)
        expect(parsed.kind === 'call' || parsed.reply.content === content).toBe(true)
        expect(textFormat.results(parsed, []).every(({ role }) => role === 'user')).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('of ten megabytes is parsed at once', () => {
    const started = performance.now()
    for (const part of ['<function=a>', '<parameter=a>', '</think>', '<tool_call>', '<tool_call>{', 'word ']) {
      parse(part.repeat(Math.floor(10_000_000 / part.length)))
    }
    parse(`<function=execute_bash>${'<parameter=command>a</parameter>'.repeat(200_000)}`)
    expect(performance.now() - started).toBeLessThan(4_000)
  })

  test('written as a call’s values comes back the same, when it holds no end tag', () => {
    const value = fc.string({ unit: 'binary' }).filter((text) => !text.includes('</'))
    fc.assert(
      fc.property(value, value, fc.integer(), fc.tuple(fc.integer(), fc.integer()), (oldText, newText, line, range) => {
        const args = {
          command: 'str_replace',
          path: '/a',
          old_str: oldText,
          new_str: newText,
          insert_line: line,
          view_range: range,
        }
        expect(read(`Why.\n${callText({ name: 'str_replace_editor', arguments: args })}`)).toEqual(args)
      }),
    )
  })
})

describe('what the Policy is told', () => {
  test('each tool with its parameters, their types and choices', () => {
    const docs = textFormat.systemText(TOOLS)
    expect(docs).toContain('---- BEGIN FUNCTION #1: execute_bash ----')
    expect(docs).toContain('  (1) command (string, required): ')
    expect(docs).toContain('Allowed values: [`view`, `create`, `str_replace`, `insert`, `undo_edit`]')
    expect(docs).toContain('  (7) view_range (array, optional): ')
    expect(textFormat.systemText([])).toBe('')
    expect(textFormat.tools(TOOLS)).toBeUndefined()
    expect(textFormat.stop).toEqual(['</function'])
  })

  test('a worked example whose calls are themselves right, around the task', () => {
    const text = textFormat.firstUserText('Fix the bug.', TOOLS)
    expect(text).toContain('\nFix the bug.\n')
    const calls = text.split('ASSISTANT:').slice(1)
    expect(calls).toHaveLength(4)
    for (const call of calls) expect(parse(call).kind).toBe('call')
    expect(textFormat.firstUserText('Fix it.', [])).not.toContain('EXAMPLE')
  })

  test('results under the tool’s name', () => {
    const parsed = parse(LS)
    expect(textFormat.results(parsed, [{ text: 'a.py', failed: false }])).toEqual([
      { role: 'user', content: 'EXECUTION RESULT of [execute_bash]:\na.py' },
    ])
    expect(textFormat.results(parse('Hello.'), [])).toEqual([])
  })
})
