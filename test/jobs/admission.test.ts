import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { capacity, refusal } from '../../src/jobs/admission.ts'
import { Breaker } from '../../src/jobs/breaker.ts'

const need = { memoryBytes: 1e9, diskBytes: 2e9, load: 8 }
const plenty = { memoryBytes: 4e9, diskBytes: 9e9, load: 1 }

describe('admission', () => {
  test('says what is short, with figures; the disk first', () => {
    expect(refusal(plenty, need)).toBeUndefined()
    expect(refusal({ ...plenty, memoryBytes: 0.5e9 }, need)).toBe('500 MB of memory are free, 1.0 GB are needed')
    expect(refusal({ ...plenty, load: 9.25 }, need)).toBe('the load is 9.3 per core, at most 8 is wanted')
    expect(refusal({ memoryBytes: 0, diskBytes: 1e9, load: 99 }, need)).toBe(
      '1.0 GB of disk are free, 2.0 GB are needed',
    )
  })

  test('looks at this machine; a folder that is not there is no obstacle', () => {
    const here = capacity([tmpdir(), '/nowhere/at/all'])
    expect(here.memoryBytes).toBeGreaterThan(1e6)
    expect(here.diskBytes).toBeGreaterThan(1e6)
    expect(Number.isFinite(here.diskBytes)).toBe(true)
    expect(here.load).toBeGreaterThanOrEqual(0)
  })
})

describe('the breaker', () => {
  test('trips at the third rollout in a row that failed of the same', () => {
    const breaker = new Breaker()
    expect(breaker.hear(1, 'no engine')).toBeUndefined()
    expect(breaker.hear(2, 'no engine')).toBeUndefined()
    expect(breaker.hear(3, 'no engine')).toEqual({ says: 'no engine', rollouts: [1, 2, 3] })
    expect(breaker.hear(4, 'no engine')).toBeUndefined()
  })

  test('is calmed by a rollout that worked, and by another failure', () => {
    const breaker = new Breaker()
    breaker.hear(1, 'no engine')
    breaker.hear(2, 'no engine')
    breaker.hear(3, undefined)
    expect(breaker.hear(4, 'no engine')).toBeUndefined()
    breaker.hear(5, 'no engine')
    breaker.hear(6, 'no disk')
    expect(breaker.hear(7, 'no engine')).toBeUndefined()
  })
})
