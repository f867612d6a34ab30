import type { Dirent } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { EventLine } from '../run-event.ts'

/** How deep below a training's folder its files are looked for, and how many entries are looked at. */
const MAX_DEPTH = 4
const MAX_ENTRIES = 20_000
const FIRST_LINE_BYTES = 64 * 1024
const PASSED_OVER = new Set(['node_modules', '.git', '__pycache__', '.venv', 'wandb'])

/** What a run of our own trainer is told by (`train plan --out`): a folder with nothing else waits for its trainer. */
const TOLD_BY = new Set(['run.json', 'trees.jsonl', 'trees.jsonl.made.json', 'control.json'])

/** What is looked for, as a person is told. */
export const LOOKED_FOR =
  'trainer_state.json (Hugging Face Trainer, TRL, Axolotl), trainer_log.jsonl (LLaMA-Factory), events.out.tfevents.* (TensorBoard) and events.jsonl (sealign_trainer)'

/** Files that trainers left in a folder, absolute paths. */
export interface Traces {
  readonly eventFiles: readonly string[]
  readonly trainerLogs: readonly string[]
  readonly trainerStates: readonly string[]
  /** events.jsonl of our own trainer. */
  readonly ownEvents: readonly string[]
  /** Folders of the trainings these describe, where the files say it: a TensorBoard file does not. */
  readonly trainings: readonly string[]
  /** Whether there is no file but what a run of ours is told by. */
  readonly isEmpty: boolean
}

/**
 * Looks through a folder and what lies below, links left aside.
 * @throws the file system's error when the folder itself cannot be read.
 */
export async function findTraces(folder: string): Promise<Traces> {
  const eventFiles: string[] = []
  const trainerLogs: string[] = []
  const trainerStates: string[] = []
  const ownEvents: string[] = []
  let entries = 0
  let isEmpty = true
  const visit = async (at: string, depth: number): Promise<void> => {
    const found = depth === 0 ? await listed(at) : await listed(at).catch(() => [])
    for (const entry of found) {
      if (++entries > MAX_ENTRIES) return
      const path = join(at, entry.name)
      if (entry.isDirectory()) {
        if (depth < MAX_DEPTH && !PASSED_OVER.has(entry.name)) await visit(path, depth + 1)
        continue
      }
      if (depth > 0 || !TOLD_BY.has(entry.name)) isEmpty = false
      if (!entry.isFile()) continue
      if (entry.name.includes('.tfevents.')) eventFiles.push(path)
      else if (entry.name === 'trainer_log.jsonl') trainerLogs.push(path)
      else if (entry.name === 'trainer_state.json') trainerStates.push(path)
      else if (entry.name === 'events.jsonl' && (await isOwn(path))) ownEvents.push(path)
    }
  }
  await visit(folder, 0)
  const trainings = new Set([...trainerLogs, ...trainerStates, ...ownEvents].map(trainingOf))
  return { eventFiles, trainerLogs, trainerStates, ownEvents, trainings: [...trainings], isEmpty }
}

/** Whether a trainer left anything. */
export function isAnything({ eventFiles, trainings }: Traces): boolean {
  return eventFiles.length > 0 || trainings.length > 0
}

/** What of a training's files is read, in words. */
export function sourcesText({ eventFiles, trainerLogs, trainerStates, ownEvents }: Traces): string[] {
  if (ownEvents.length > 0) return ['events.jsonl']
  return [
    ...(eventFiles.length > 0 ? [`TensorBoard files (${eventFiles.length})`] : []),
    ...(trainerLogs.length > 0 ? ['trainer_log.jsonl'] : []),
    ...(trainerStates.length > 0 ? ['trainer_state.json'] : []),
  ]
}

/** The folder of the training that a file belongs to: checkpoints lie below it. */
function trainingOf(path: string): string {
  const folder = dirname(path)
  return /^checkpoint-\d+$/.test(basename(folder)) ? dirname(folder) : folder
}

async function listed(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function isOwn(path: string): Promise<boolean> {
  try {
    await using file = await open(path)
    const bytes = Buffer.alloc(FIRST_LINE_BYTES)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    const text = bytes.toString('utf8', 0, bytesRead)
    const end = text.indexOf('\n')
    return end >= 0 && EventLine.safeParse(JSON.parse(text.slice(0, end))).success
  } catch {
    return false
  }
}
