import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EventLines } from '../../training/torch/event-lines.ts'
import type { RunEvent } from '../../training/run-event.ts'
import type { TorchControl, TorchRun } from '../../training/torch/settings.ts'
import { type TreesFile, writeTrees } from '../trees-file.ts'

/** The folder of a Run of the torch trainer: what the job writes there, and what the trainer said. */
export class RunFolder {
  readonly path: string
  #control = ''

  constructor(path: string) {
    this.path = path
    mkdirSync(path, { recursive: true, mode: 0o700 })
  }

  /** Where the trainer reads its settings. */
  get config(): string {
    return join(this.path, 'run.json')
  }

  /**
   * Writes what the trainer reads. Says what of the Dataset is in no Tree.
   * @throws SealignError when the Dataset cannot be read.
   */
  prepare(dataset: string, run: Omit<TorchRun, 'v' | 'folder' | 'trees'>): TreesFile {
    const trees = join(this.path, 'trees.jsonl')
    const written = writeTrees(dataset, trees)
    replaceFile(this.config, { v: 1, ...run, folder: this.path, trees } satisfies TorchRun)
    return written
  }

  /** Leaves word of what is asked of the trainer, when it is something else than before. */
  ask({ pause, stop }: Omit<TorchControl, 'v'>): void {
    const control: TorchControl = { v: 1, pause, stop }
    const text = JSON.stringify(control)
    if (text === this.#control) return
    replaceFile(join(this.path, 'control.json'), control)
    this.#control = text
  }

  /**
   * What a trainer said after everything that was heard of it: the job that should have heard it was lost. GPU figures and warnings
   * come from jobs too, so that the others are counted.
   */
  missed(heard: readonly RunEvent[]): RunEvent[] {
    const said = this.#events()
    let rest = heard.filter(isTrainers).length
    if (rest === 0) return said
    const last = said.findIndex((event) => isTrainers(event) && --rest === 0)
    return last < 0 ? [] : said.slice(last + 1)
  }

  #events(): RunEvent[] {
    const lines = new EventLines()
    const path = join(this.path, 'events.jsonl')
    const said = existsSync(path) ? lines.push(readFileSync(path, 'utf8')) : []
    return [...said, ...lines.end()].flatMap((each) => (each.kind === 'event' ? [each.event] : []))
  }
}

function isTrainers({ type }: RunEvent): boolean {
  return type !== 'gpu' && type !== 'warning'
}

/** A reader sees the old text or the new one. */
function replaceFile(path: string, content: object): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(content)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
