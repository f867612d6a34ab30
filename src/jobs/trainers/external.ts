import { SealignError } from '../../domain/errors.ts'
import type { ExternalTrainerSettings } from '../training-settings.ts'
import type { Trainer } from './trainer.ts'

/** Reads what another program writes about its training. */
export function externalTrainer(_settings: ExternalTrainerSettings): Trainer {
  return () => {
    throw new SealignError('bug', 'not written yet')
  }
}
