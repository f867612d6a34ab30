import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { RUN_STAGES } from '../src/domain/run.ts'
import { safeLines, safeText } from '../src/lib/safe-text.ts'
import { callTrainer } from '../src/training/torch/trainer-call.ts'
import { defineCommand } from './define.ts'
import { pythonFor } from './torch-settings.ts'
import { oneRun, weightsOfRun } from './train-model.ts'

export const trainExport = defineCommand({
  name: 'train export',
  summary: 'Write what a run of the torch trainer learnt as a folder that vLLM serves',
  example: 'sealign train export r1 --stage dpo --out served/r1',
  args: z.object({
    run: z.string().optional().describe('run, r1; the newest one when left out'),
    stage: z.enum(RUN_STAGES).optional().describe('which stage; the last one that is done when left out'),
    out: z.string().min(1).describe('folder to write; it must not be there yet'),
    merged: z.boolean().default(false).describe('the whole model with the adapter in its weights'),
    python: z.string().min(1).optional().describe('the Python that has torch, transformers and peft'),
  }),
  positional: ['run'],
  async run({ run: word, stage: wanted, out, merged, python }, context) {
    const session = context.session()
    const run = oneRun(session, word)
    if (run.trainer !== 'torch')
      throw new SealignError(
        'usage',
        `train export: run r${run.id} was trained by ${run.trainer}, not by the torch trainer`,
        {
          hint: 'The embedded policy’s weights are one file already: `sealign train show` names it.',
        },
      )
    const { stage } = weightsOfRun(session, run, wanted)
    const folder = resolve(out)
    if (existsSync(folder))
      throw new SealignError('usage', `train export: ${folder} is there already`, {
        hint: 'Name a folder that is not, or remove it.',
      })
    const { path } = await pythonFor({ python }, context)
    context.progress(`writing ${folder}`)
    const words = ['export', '--run', run.folder, '--stage', stage, '--out', folder, ...(merged ? ['--merged'] : [])]
    const { env, signal } = context
    await callTrainer({ python: path, words, env, signal, progress: (line) => context.progress(line) })
    return { run: `r${run.id}`, stage, folder, merged, serve: serveText(folder) }
  },
  text: ({ run, stage, folder, serve }) =>
    [safeText(`${run}/${stage} is in ${folder}`), ...(serve === '' ? [] : ['', ...safeLines(serve.trimEnd())])].join(
      '\n',
    ),
})

/** How the trainer says that it is served. */
function serveText(folder: string): string {
  const path = join(folder, 'SERVE.md')
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
