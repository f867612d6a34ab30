import { SealignError } from '../../domain/errors.ts'
import type { TorchTrainerSettings } from '../training-settings.ts'
import type { Trainer } from './trainer.ts'

/** Trains a language model: `sealign_trainer` in processes of its own (trainer/). */
export function torchTrainer(_settings: TorchTrainerSettings): Trainer {
  return () => {
    throw new SealignError('bug', 'not written yet')
  }
}
