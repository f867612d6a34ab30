import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { RunEvent } from '../../../src/training/run-event.ts'
import { LoggedTraining } from '../../../src/training/external/logged-training.ts'
import { findTraces } from '../../../src/training/external/traces.ts'
import { temporaryFolder } from '../../sessions/temporary.ts'

export const FIXTURES = join(import.meta.dirname, '../../fixtures/trainers')

/** A copy of what a trainer left, in a folder of the test's own. */
export function copyOf(fixture: string): string {
  const folder = join(temporaryFolder(), fixture)
  cpSync(join(FIXTURES, fixture), folder, { recursive: true })
  return folder
}

/** One look at a training: what is told. */
export async function told(training: LoggedTraining, folder: string, withLast = true): Promise<RunEvent[]> {
  await training.look(await findTraces(folder))
  return [...training.events(withLast)]
}

/** Everything that one look at a folder tells. */
export async function readOnce(folder: string): Promise<RunEvent[]> {
  return await told(new LoggedTraining(folder), folder)
}

/** `step 3`, `eval 3`, `start 2` (goes on after step 2): the order of what was told. */
export function outline(events: readonly RunEvent[]): string[] {
  return events.map((event) => {
    if (event.type === 'start') return event.resume ? `start ${event.resume.step}` : 'start'
    return event.type === 'step' || event.type === 'eval' ? `${event.type} ${event.step}` : event.type
  })
}

/** The figures of one step or evaluation, as they were told last. */
export function figuresOf(events: readonly RunEvent[], type: 'step' | 'eval', step: number) {
  const event = events.findLast((each) => each.type === type && 'step' in each && each.step === step)
  return event !== undefined && 'metrics' in event ? event.metrics : undefined
}
