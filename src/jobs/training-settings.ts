import { z } from 'zod'
import { EmbeddedSettings } from '../training/embedded/settings.ts'
import { TorchRun } from '../training/torch/settings.ts'

export const EmbeddedTrainerSettings = z.object({
  trainer: z.literal('embedded'),
  /** File of the weights it starts from; '': the untrained ones of `seed`. */
  weights: z.string(),
  seed: z.int(),
  training: EmbeddedSettings,
})
export type EmbeddedTrainerSettings = z.infer<typeof EmbeddedTrainerSettings>

export const TorchTrainerSettings = z.object({
  trainer: z.literal('torch'),
  /** The Python that has the trainer's packages, absolute. */
  python: z.string(),
  /** Processes that train together on this machine. */
  processes: z.int().min(1).default(1),
  /** What the trainer is told; the job fills in what belongs to its Run. */
  training: TorchRun.omit({ v: true, run: true, folder: true, trees: true }),
})
export type TorchTrainerSettings = z.infer<typeof TorchTrainerSettings>

export const ExternalTrainerSettings = z.object({
  trainer: z.literal('external'),
  /** Folder that another trainer writes, absolute. */
  folder: z.string(),
  /** Look for more until it is done; else what is there is read once. */
  follow: z.boolean(),
})
export type ExternalTrainerSettings = z.infer<typeof ExternalTrainerSettings>

/** Everything a training job must know beside its Run; stored with it, so that another process can go on. */
export const TrainingJobSettings = z.discriminatedUnion('trainer', [
  EmbeddedTrainerSettings,
  TorchTrainerSettings,
  ExternalTrainerSettings,
])
export type TrainingJobSettings = z.infer<typeof TrainingJobSettings>
