import type { TaskDefinition, TaskGrading } from '../../src/domain/task.ts'
import type { SandboxLabels } from '../../src/sandbox/sandbox.ts'

/** A small repository with a bug in `total`, a test that holds already, and a hidden one that finds the bug. */
const FILES = {
  'shop/__init__.py': '',
  'shop/cart.py': `"""Carts."""


def total(prices):
    result = 0
    for price in prices:
        result = price
    return result


def count(prices):
    return len(prices)
`,
  'tests/__init__.py': '',
  'tests/test_count.py': `import unittest

from shop.cart import count


class CountTests(unittest.TestCase):
    def test_count(self):
        self.assertEqual(count([1, 2]), 2)
`,
}

export const TEST_PATCH = `diff --git a/tests/test_total.py b/tests/test_total.py
new file mode 100644
--- /dev/null
+++ b/tests/test_total.py
@@ -0,0 +1,11 @@
+import unittest
+
+from shop.cart import total
+
+
+class TotalTests(unittest.TestCase):
+    def test_total(self):
+        self.assertEqual(total([1, 2, 3]), 6)
+
+    def test_nothing(self):
+        self.assertEqual(total([]), 0)
`

/** Changes of `shop/cart.py`: the line of the bug becomes these lines. */
export function fixing(...lines: readonly string[]): string {
  return `diff --git a/shop/cart.py b/shop/cart.py
--- a/shop/cart.py
+++ b/shop/cart.py
@@ -4,7 +4,${6 + lines.length} @@
 def total(prices):
     result = 0
     for price in prices:
-        result = price
${lines.map((line) => `+        ${line}\n`).join('')}     return result
 
 
`
}

export const REFERENCE = fixing('result += price')
export const WRONG = fixing('result = max(result, price)')

/** A patch that adds a file. */
export function adding(path: string, text: string): string {
  const lines = text.split('\n')
  return `diff --git a/${path} b/${path}
new file mode 100644
--- /dev/null
+++ b/${path}
@@ -0,0 +1,${lines.length} @@
${lines.map((line) => `+${line}\n`).join('')}`
}

export const GIT_START =
  'git -c init.defaultBranch=main init -q && git add -A && git -c user.name=t -c user.email=t@t commit -q -m start'

/** The Task as Python's own unittest runs it: no package is needed. */
export function shopTask(grading: Partial<TaskGrading> = {}, rest: Partial<TaskDefinition> = {}): TaskDefinition {
  return {
    id: 'shop__shop-1',
    set: 'swe-bench',
    statement: 'The total of a cart is wrong.',
    referencePatch: REFERENCE,
    environment: { workdir: '/testbed', files: FILES, setup: [GIT_START], network: false, variables: {} },
    grading: {
      files: {},
      testPatch: TEST_PATCH,
      install: [],
      commands: ['python3 -m unittest -v tests.test_count tests.test_total'],
      parser: 'django',
      rules: 'swe-bench-5',
      evaluation: 'pass_and_fail',
      failToPass: ['test_total (tests.test_total.TotalTests.test_total)'],
      passToPass: [
        'test_count (tests.test_count.CountTests.test_count)',
        'test_nothing (tests.test_total.TotalTests.test_nothing)',
      ],
      timeoutMs: 30_000,
      ...grading,
    },
    ...rest,
  }
}

/** The same Task as a SWE-bench row: pytest, an install command, and test files by name. */
export function pytestTask(image: string, grading: Partial<TaskGrading> = {}): TaskDefinition {
  const task = shopTask({
    install: ['python3 -m compileall -q shop && echo installed > /tmp/installed'],
    commands: [
      'test -s /tmp/installed && python3 -m pytest -rA -p no:cacheprovider tests/test_count.py tests/test_total.py',
    ],
    parser: 'pytest',
    failToPass: ['tests/test_total.py::TotalTests::test_total'],
    passToPass: ['tests/test_count.py::CountTests::test_count', 'tests/test_total.py::TotalTests::test_nothing'],
    ...grading,
  })
  return { ...task, environment: { ...task.environment, image } }
}

export function labels(role: SandboxLabels['role'] = 'grader'): SandboxLabels {
  return { session: '/tmp/grading-test.db', job: 'j1', role, task: 'shop__shop-1', run: 'r1' }
}
