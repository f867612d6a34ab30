import { describe, expect, test } from 'vitest'
import { headAndTail, LOG_BYTES } from '../../src/grading/log.ts'
import { verdictKey } from '../../src/grading/verdict-key.ts'
import { shopTask } from './shop.ts'

const PATCH = 'diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n'

describe('the key of a verdict', () => {
  test('is the same for equal changes of equal Tasks, whatever the order of their fields', () => {
    const task = shopTask()
    const { grading, environment, ...rest } = task
    const turned = {
      environment: Object.fromEntries(Object.entries(environment).reverse()) as typeof environment,
      grading,
      ...rest,
    }
    expect(verdictKey(task, PATCH)).toMatch(/^[0-9a-f]{64}$/)
    expect(verdictKey(turned, PATCH.replace('1..2', '3..4'))).toBe(verdictKey(task, PATCH))
    expect(verdictKey({ ...task, statement: 'worded otherwise' }, PATCH)).toBe(verdictKey(task, PATCH))
  })

  test('differs for another change, Task, environment or grading', () => {
    const task = shopTask()
    const keys = [
      verdictKey(task, PATCH),
      verdictKey(task, PATCH.replace('+b', '+c')),
      verdictKey({ ...task, id: 'other' }, PATCH),
      verdictKey({ ...task, environment: { ...task.environment, image: 'other' } }, PATCH),
      verdictKey({ ...task, grading: { ...task.grading, failToPass: [] } }, PATCH),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('a stored log', () => {
  test('keeps head and tail within its bytes and says what is missing', () => {
    const kept = headAndTail(`head ${'ü'.repeat(LOG_BYTES)} tail`)
    expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(LOG_BYTES)
    expect(Buffer.byteLength(kept)).toBeGreaterThan(LOG_BYTES - 100)
    expect(kept).toMatch(/^head ü+\n\[… \d+ bytes left out …\]\nü+ tail$/)
    expect(headAndTail('short')).toBe('short')
  })

  test.each([3, 10, 64, 65, 66, 67])('never cuts through a character (%i bytes)', (bytes) => {
    expect(headAndTail('€🙂'.repeat(100), 60 + bytes)).not.toContain('\uFFFD')
  })
})
