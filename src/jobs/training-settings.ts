import { z } from 'zod'
import { EmbeddedSettings } from '../training/embedded/settings.ts'

/** Everything a training job must know beside its Run; stored with it, so that another process can go on. */
export const TrainingJobSettings = z.discriminatedUnion('trainer', [
  z.object({
    trainer: z.literal('embedded'),
    /** File of the weights it starts from; '': the untrained ones of `seed`. */
    weights: z.string(),
    seed: z.int(),
    training: EmbeddedSettings,
  }),
])
export type TrainingJobSettings = z.infer<typeof TrainingJobSettings>
