import { ablateCommand } from './ablate.ts'
import { completionCommand } from './completion.ts'
import { configCommand } from './config.ts'
import type { Command } from './define.ts'
import { demoCommand } from './demo.ts'
import { doctorCommand } from './doctor.ts'
import { evalCompare, evalList, evalReport } from './eval.ts'
import { evalStart } from './eval-start.ts'
import { exportCommand } from './export.ts'
import { filterCommand, filterDrop, filterKeep, filterReset } from './filter.ts'
import { importCommand } from './import.ts'
import {
  pairAccept,
  pairFlag,
  pairList,
  pairNote,
  pairReject,
  pairReopen,
  pairShow,
  pairSkip,
  pairStats,
  pairSwap,
  pairUndo,
} from './pair.ts'
import { sessionBackup, sessionCheck, sessionGc, sessionInfo, sessionList, sessionNew, sessionUse } from './session.ts'
import { jobList, jobLog, jobStop } from './job.ts'
import { rolloutList, rolloutShow } from './rollout.ts'
import { rolloutExpand } from './rollout-expand.ts'
import {
  rolloutCancel,
  rolloutNudge,
  rolloutPause,
  rolloutRequeue,
  rolloutResume,
  rolloutShell,
} from './rollout-requests.ts'
import { rolloutStart } from './rollout-start.ts'
import { taskImport, taskList, taskShow } from './task.ts'
import { taskCheck } from './task-check.ts'
import { taskGenerate } from './task-generate.ts'
import { filterBacktest } from './filter-backtest.ts'
import { trainList, trainPause, trainResume, trainShow, trainStop } from './train.ts'
import { trainAttach } from './train-attach.ts'
import { trainExport } from './train-export.ts'
import { trainPlan } from './train-plan.ts'
import { trainStart } from './train-start.ts'
import { trainWatch } from './train-watch.ts'
import { treeList, treeShow } from './tree.ts'

/** Every command, in the order help lists them. */
export const COMMANDS: readonly Command[] = [
  demoCommand,
  importCommand,
  taskImport,
  taskList,
  taskShow,
  taskCheck,
  taskGenerate,
  rolloutStart,
  rolloutList,
  rolloutShow,
  rolloutPause,
  rolloutResume,
  rolloutCancel,
  rolloutRequeue,
  rolloutNudge,
  rolloutShell,
  rolloutExpand,
  jobList,
  jobStop,
  jobLog,
  filterCommand,
  filterKeep,
  filterDrop,
  filterReset,
  filterBacktest,
  treeList,
  treeShow,
  pairList,
  pairShow,
  pairStats,
  pairAccept,
  pairReject,
  pairSkip,
  pairSwap,
  pairFlag,
  pairNote,
  pairReopen,
  pairUndo,
  exportCommand,
  trainPlan,
  trainStart,
  trainAttach,
  trainList,
  trainShow,
  trainWatch,
  trainPause,
  trainResume,
  trainStop,
  trainExport,
  evalStart,
  evalList,
  evalReport,
  evalCompare,
  ablateCommand,
  sessionList,
  sessionNew,
  sessionUse,
  sessionInfo,
  sessionCheck,
  sessionBackup,
  sessionGc,
  configCommand,
  doctorCommand,
  completionCommand,
]
