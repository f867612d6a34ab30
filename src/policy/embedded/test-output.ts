/** A place in a stack trace, as printed: the folder may have another name there. */
export interface Frame {
  readonly path: string
  /** 1-based. */
  readonly line: number
  /** `Stack.peek`, `Object.<anonymous>`; `''` where none stands there. */
  readonly name: string
}

export interface TestResult {
  readonly name: string
  readonly passed: boolean
  /** `''` when it passed. */
  readonly message: string
  readonly expected: string
  readonly actual: string
  readonly frames: readonly Frame[]
}

/** What one run of a test program printed. Durations, pids and folders are left out. */
export interface TestOutput {
  /** Suites are left out: their tests count. */
  readonly tests: readonly TestResult[]
  /** The program could not be loaded, or had to be ended: it says nothing about single tests. */
  readonly crashed: boolean
}

/** Exit code of `timeout` when it ended the program. */
const TIMED_OUT = 124
/** Characters of one message, one value: more says nothing new. */
const MAX_VALUE = 2000
/** Frames of one stack trace. */
const MAX_FRAMES = 12
/** Lines looked at. */
const MAX_LINES = 20_000

type Draft = { -readonly [Key in keyof TestResult]: TestResult[Key] }

/**
 * Reads what a test program printed: TAP and `spec` as `node --test-reporter` writes them, else a plain program, which is one test
 * that passes when it ends with exit code 0 and asserts nothing that does not hold (`console.assert` prints and goes on).
 */
export function readTestOutput(output: string, exitCode: number | undefined): TestOutput {
  const lines = output.split('\n', MAX_LINES)
  const tap = lines.some((line) => /^TAP version \d+/.test(line))
  const tests = tap ? tapTests(lines) : specTests(lines)
  if (tests.length > 0) return { tests: withEnd(tests, exitCode), crashed: exitCode === TIMED_OUT }
  return {
    tests: plainTests(lines, exitCode),
    crashed: exitCode === TIMED_OUT || /^(?:SyntaxError|ReferenceError|Error \[ERR_MODULE_NOT_FOUND\])/m.test(output),
  }
}

/** A program that broke off after tests that passed has failed all the same. */
function withEnd(tests: readonly TestResult[], exitCode: number | undefined): readonly TestResult[] {
  const failed = tests.some(({ passed }) => !passed)
  return exitCode === 0 || exitCode === undefined || failed ? tests : [...tests, emptyResult('program', false)]
}

function emptyResult(name: string, passed: boolean): Draft {
  return { name: name.trim(), passed, message: '', expected: '', actual: '', frames: [] }
}

const TAP_RESULT = /^(\s*)(not )?ok \d+(?: - (.*))?$/
const TAP_DIRECTIVE = /\s#\s(?:time|skip|todo)\b.*$/i

function tapTests(lines: readonly string[]): TestResult[] {
  const tests: TestResult[] = []
  for (let at = 0; at < lines.length; at++) {
    const result = TAP_RESULT.exec(lines[at] ?? '')
    if (result === null) continue
    const [, indent = '', not, title = ''] = result
    const draft = emptyResult(title.replace(TAP_DIRECTIVE, '').replaceAll(/\\([#\\])/g, '$1'), not === undefined)
    const end = blockEnd(lines, at + 1, `${indent}  `)
    const block = yamlBlock(lines, at + 2, end, indent.length + 2)
    at = Math.max(at, end)
    if (block.get('type') === "'suite'" || block.get('failureType') === "'subtestsFailed'") continue
    if (!draft.passed) fill(draft, block)
    tests.push(draft)
  }
  return tests
}

/** Index of the line that ends the block which begins at `from`; -1 when none begins there or its end was cut off. */
function blockEnd(lines: readonly string[], from: number, indent: string): number {
  if (lines[from] !== `${indent}---`) return -1
  for (let at = from + 1; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line === `${indent}...`) return at
    if (line.trim() !== '' && !line.startsWith(indent)) return -1
  }
  return -1
}

function fill(draft: Draft, block: ReadonlyMap<string, string>): void {
  draft.message = unquoted(block.get('error') ?? '')
  draft.expected = unquoted(block.get('expected') ?? '')
  draft.actual = unquoted(block.get('actual') ?? '')
  draft.frames = framesOf((block.get('stack') ?? '').split('\n'))
}

/** The values of a block's keys, deeper lines joined. */
function yamlBlock(lines: readonly string[], from: number, to: number, indent: number): Map<string, string> {
  const values = new Map<string, string>()
  let key = ''
  for (let at = from; at < to; at++) {
    const line = (lines[at] ?? '').slice(indent)
    const head = /^(\w+):(?: (.*))?$/.exec(line)
    if (head?.[1] !== undefined) {
      key = head[1]
      values.set(key, head[2] === '|-' ? '' : (head[2] ?? ''))
    } else {
      const value = values.get(key) ?? ''
      if (value.length < MAX_VALUE) values.set(key, `${value}${value === '' ? '' : '\n'}${line.trim()}`)
    }
  }
  return values
}

function unquoted(value: string): string {
  const text = value.slice(0, MAX_VALUE).trim()
  const quote = text.at(0)
  return text.length > 1 && (quote === "'" || quote === '"') && text.endsWith(quote) ? text.slice(1, -1) : text
}

const SPEC_RESULT = /^\s*([✔✖]) (.+?)(?: \(\d+(?:\.\d+)?ms\))?(?: #.*)?$/u

function specTests(lines: readonly string[]): TestResult[] {
  const cut = lines.findIndex((line) => line.startsWith('✖ failing tests:'))
  const listed = cut < 0 ? lines : lines.slice(0, cut)
  const suites = new Set(listed.flatMap((line) => /^\s*▶ (.+)$/u.exec(line)?.[1]?.trim() ?? []))
  const tests: Draft[] = []
  for (const line of listed) {
    const [, mark, name = ''] = SPEC_RESULT.exec(line) ?? []
    if (mark !== undefined && !suites.has(name.trim())) tests.push(emptyResult(name, mark === '✔'))
  }
  if (cut >= 0) fillFailures(tests, lines.slice(cut + 1))
  return tests
}

/** The part behind `failing tests:` tells each failure in full. */
function fillFailures(tests: readonly Draft[], lines: readonly string[]): void {
  const heads = lines.flatMap((line, at) => (/^✖ /u.test(line) ? [at] : []))
  for (const [index, head] of heads.entries()) {
    const name = SPEC_RESULT.exec(lines[head] ?? '')?.[2]?.trim()
    const draft = tests.find((test) => test.name === name && !test.passed && test.message === '')
    if (draft === undefined) continue
    const body = lines.slice(head + 1, heads[index + 1])
    const stack = body.findIndex((line) => FRAME.test(line))
    draft.message = body
      .slice(0, stack < 0 ? body.length : stack)
      .map((line) => line.trim())
      .join('\n')
      .slice(0, MAX_VALUE)
      .trim()
    draft.expected = fieldOf(body, 'expected')
    draft.actual = fieldOf(body, 'actual')
    draft.frames = framesOf(body)
  }
}

function fieldOf(lines: readonly string[], field: string): string {
  for (const line of lines) {
    const value = new RegExp(`^\\s*${field}: (.*?),?$`).exec(line)?.[1]
    if (value !== undefined) return unquoted(value)
  }
  return ''
}

function plainTests(lines: readonly string[], exitCode: number | undefined): TestResult[] {
  const asserted = lines.filter((line) => line.startsWith('Assertion failed'))
  const broken = asserted.map((line, at) => ({
    ...emptyResult(`assertion ${at + 1}`, false),
    message: line.slice(0, MAX_VALUE),
  }))
  if (exitCode === 0) return broken.length > 0 ? broken : [emptyResult('program', true)]
  const draft = emptyResult('program', false)
  draft.message = (lines.find((line) => /^(?:Uncaught )?[\w.]*(?:Error|Exception)\b/.test(line)) ?? '').slice(
    0,
    MAX_VALUE,
  )
  draft.expected = fieldOf(lines, 'expected')
  draft.actual = fieldOf(lines, 'actual')
  draft.frames = framesOf(lines)
  return [...broken, draft]
}

const FRAME =
  /^\s*(?:at )?(?:async )?(?:(?:new )?([^\s()]{1,200})(?: \[as [^\]]{1,100}\])? )?\(?(?:file:\/\/)?(\/[^\s():]{1,1000}):(\d{1,7})(?::\d{1,7})?\)?/

function framesOf(lines: readonly string[]): Frame[] {
  const frames: Frame[] = []
  for (const line of lines) {
    if (frames.length >= MAX_FRAMES) break
    const [, name = '', path, number] = FRAME.exec(line) ?? []
    if (path !== undefined && number !== undefined) frames.push({ path, line: Number(number), name })
  }
  return frames
}
