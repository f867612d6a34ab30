/**
 * The hidden programs that judge one HumanEvalFix file. Both take a secret from stdin before they load the file, run the
 * set's own test in its scope, and hand the secret back on file descriptor 3 only when the test ended without a failure.
 * So neither edited tests, nor `exit(0)` in the file, nor a runner that never came so far can pass. What a program written to
 * deceive can still do is answer every comparison with "equal": the set's tests compare with its own values.
 */
export const HIDDEN_FOLDER = '.sealign'

/** Where the program finds `{ file, entryPoint, setup, test }`. */
export const CASE_FILE = `${HIDDEN_FOLDER}/case.json`

/** Seconds one program may run (bigcode-evaluation-harness `humanevalpack.py`: 10 for both languages). */
const PROGRAM_SECONDS = 10

/**
 * The command that judges: exit code 0 only when the secret came back. One interpreter per Task; what it prints goes to the log.
 * @param interpreter - command line that runs the hidden program.
 */
export function judgeCommand(interpreter: string): string {
  return [
    `secret=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')`,
    `answer=$(printf '%s' "$secret" | timeout -k 1 ${PROGRAM_SECONDS} ${interpreter} 3>&1 1>&2)`,
    `test -n "$secret" && test "$answer" = "$secret"`,
  ].join('; ')
}

export const PYTHON_RUNNER = String.raw`import ast
import json
import os
import re
import sys
import types

ANSWER = 3
HELPERS = {
    'math': 'import math', 're': 'import re', 'sys': 'import sys', 'copy': 'import copy', 'datetime': 'import datetime',
    'itertools': 'import itertools', 'collections': 'import collections', 'heapq': 'import heapq',
    'statistics': 'import statistics', 'functools': 'import functools', 'hashlib': 'import hashlib',
    'string': 'import string', 'random': 'import random', 'numpy': 'import numpy', 'np': 'import numpy as np',
}


def is_own_test(statement):
    """Whether a top-level statement is the copy of the test that the file came with, edited or not."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return statement.name == 'check'
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == 'check'


def offer_helpers(scope, text):
    """The imports every generated program of HumanEvalPack is given; only those it names, because numpy is slow to load."""
    exec('from typing import *\nfrom collections import *', scope)
    words = set(re.findall(r'\w+', text))
    for name, statement in HELPERS.items():
        if name in words:
            try:
                exec(statement, scope)
            except ImportError:
                pass


def main():
    secret = sys.stdin.buffer.read()
    sys.stdin = open(os.devnull)
    os.set_inheritable(ANSWER, False)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'case.json'), encoding='utf-8') as file:
        case = json.load(file)
    with open(case['file'], encoding='utf-8') as file:
        text = file.read()
    tree = ast.parse(text, case['file'])
    tree.body = [statement for statement in tree.body if not is_own_test(statement)]
    test = compile(case['setup'] + '\n' + case['test'], 'test', 'exec', dont_inherit=True)
    module = types.ModuleType('solution')
    sys.modules['solution'] = module
    sys.path.append(os.getcwd())
    offer_helpers(module.__dict__, text + case['setup'] + case['test'])
    if 'random' in case['test']:
        # Some tests draw their inputs: always the same ones.
        import random
        random.seed(0)
    write, leave = os.write, os._exit
    exec(compile(tree, case['file'], 'exec', dont_inherit=True), module.__dict__)
    exec(test, module.__dict__)
    sys.stdout.flush()
    write(ANSWER, secret)
    leave(0)


main()
`

export const JAVASCRIPT_RUNNER = String.raw`'use strict'
const { readFileSync, writeSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname, join, resolve } = require('node:path')
const { runInThisContext } = require('node:vm')

const ANSWER = 3
const exit = process.reallyExit.bind(process)
const secret = readFileSync(0, 'utf8')
const { file, setup, test } = JSON.parse(readFileSync(join(__dirname, 'case.json'), 'utf8'))
const path = resolve(file)

/** The file without the copy of the test it came with; an edited copy is cut out between its first and its last line. */
function withoutOwnTest(text) {
  const own = test.trim()
  const at = text.lastIndexOf(own)
  if (at >= 0) return text.slice(0, at) + text.slice(at + own.length)
  const lines = text.split('\n')
  const first = own.slice(0, own.indexOf('\n')).trim()
  const last = own.slice(own.lastIndexOf('\n') + 1).trim().replace(/;$/, '')
  const start = lines.findIndex((line) => line.trim() === first)
  const end = lines.findLastIndex((line) => line.trim().replace(/;$/, '') === last)
  return start < 0 || end < start ? text : [...lines.slice(0, start), ...lines.slice(end + 1)].join('\n')
}

Object.assign(globalThis, {
  require: createRequire(path),
  module: { exports: {} },
  exports: {},
  __filename: path,
  __dirname: dirname(path),
})
/** Some tests draw their inputs: always the same ones, or the same patch would be judged differently from run to run. */
let drawn = 1
const steady = Object.create(Math, {
  random: {
    value() {
      drawn = (drawn * 16807) % 2147483647
      return drawn / 2147483647
    },
  },
})
const judge = runInThisContext('(function (console, Math) {\n' + setup + '\n' + test + '\n})', { filename: 'test' })
let checks = 0
const strict = Object.freeze(
  Object.create(console, {
    assert: {
      value(condition, ...rest) {
        checks++
        if (!condition) throw new Error(['assertion ' + checks + ' failed', ...rest].join(' '))
      },
    },
  }),
)
console.assert = () => {}
runInThisContext(withoutOwnTest(readFileSync(path, 'utf8')), { filename: file })
judge(strict, steady)
if (checks > 0) {
  writeSync(ANSWER, secret)
  exit(0)
}
exit(1)
`

/** The one function of `js-md5` that the set needs (JavaScript/162); its tests run without a network to fetch it. */
export const JS_MD5 = `'use strict'
const { createHash } = require('node:crypto')

module.exports = (text) => createHash('md5').update(String(text), 'utf8').digest('hex')
`
