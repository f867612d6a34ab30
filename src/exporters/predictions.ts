import { type TrajectoryExporter, UnfitExample } from './exporter.ts'

/**
 * What the SWE-bench harness judges: one patch per line. It takes one patch per task, so several runs of a task are told apart
 * by `model_name_or_path` (`qwen/run-2`); keep one of them per file that goes to it.
 */
export const predictions: TrajectoryExporter = {
  format: 'predictions',
  summary: 'patches for the SWE-bench harness, one line per rollout',
  takes: 'trajectories',
  stem: 'predictions',
  calls: ['literal'],
  row({ task, model = 'unknown', run, patch }) {
    if (patch === undefined) throw new UnfitExample('nobody recorded its patch')
    return {
      instance_id: task,
      model_name_or_path: run === undefined ? model : `${model}/run-${run}`,
      model_patch: patch,
    }
  },
}
