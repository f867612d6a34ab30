import { trainEmbedded } from '../../training/embedded/embedded-trainer.ts'
import { readDataset } from '../../training/dataset-files.ts'
import { SealignError } from '../../domain/errors.ts'
import { embeddedWeights } from '../embedded-weights.ts'
import type { EmbeddedTrainerSettings } from '../training-settings.ts'
import type { Trainer } from './trainer.ts'

/** Trains the embedded Policy in the job's own process. */
export function embeddedTrainer(settings: EmbeddedTrainerSettings): Trainer {
  return async ({ run, dataset, control, hear }) => {
    if (dataset === undefined) throw new SealignError('bug', `run r${run.id} has no dataset`)
    await trainEmbedded(
      {
        dataset: readDataset(dataset),
        start: await embeddedWeights(settings),
        settings: settings.training,
        folder: run.folder,
        run: `r${run.id}`,
        control,
      },
      hear,
    )
  }
}
