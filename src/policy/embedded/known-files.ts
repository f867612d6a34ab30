import { posix } from 'node:path'

export type FileRole = 'source' | 'test' | 'other'

/** A file of the repository as far as the conversation shows it. */
export interface KnownFile {
  /** Absolute, as the editor takes it. */
  readonly path: string
  /** Below the working folder. */
  readonly name: string
  readonly role: FileRole
  /** The whole text as it is now; `undefined`: not seen, seen in part, or changed in a way that cannot be followed. */
  readonly text: string | undefined
  readonly views: number
  /** Whether it was edited since it was last shown. */
  readonly changed: boolean
}

type Entry = { -readonly [Key in keyof KnownFile]: KnownFile[Key] } & { readonly history: (string | undefined)[] }

/** Files kept; a listing that names more is no small package. */
const MAX_FILES = 60

/** The files of one conversation, brought up to date action by action. */
export class KnownFiles {
  readonly #workdir: string
  readonly #entries = new Map<string, Entry>()

  constructor(workdir: string) {
    this.#workdir = workdir
  }

  list(): readonly KnownFile[] {
    return [...this.#entries.values()]
  }

  /** Takes note that a file is there; one outside of the working folder or in a folder of packages is left out. */
  learn(path: string): Entry | undefined {
    const known = this.#entries.get(path)
    if (known !== undefined) return known
    const name = path.startsWith(`${this.#workdir}/`) ? path.slice(this.#workdir.length + 1) : ''
    if (name === '' || /(?:^|\/)(?:node_modules|\.git)\//.test(name) || this.#entries.size >= MAX_FILES)
      return undefined
    const entry: Entry = { path, name, role: roleOf(name), text: undefined, views: 0, changed: false, history: [] }
    this.#entries.set(path, entry)
    return entry
  }

  /** @param text - all of it, or `undefined` when only a part was shown. */
  show(path: string, text: string | undefined): void {
    const entry = this.learn(path)
    if (entry === undefined) return
    entry.views++
    if (text === undefined && entry.text !== undefined) return
    entry.text = text
    entry.changed = false
  }

  /** An edit that took place. @param after - the text it leads to, where that can be told. */
  edit(path: string, after: string | undefined): { before: string | undefined } | undefined {
    const entry = this.learn(path)
    if (entry === undefined) return undefined
    const before = entry.text
    entry.history.push(before)
    entry.text = after
    entry.changed = true
    return { before }
  }

  /** @param text - what the editor shows after it has gone back. */
  undo(path: string, text: string | undefined): void {
    const entry = this.learn(path)
    if (entry === undefined) return
    const before = entry.history.pop()
    entry.text = text ?? before
    entry.changed = text === undefined
  }

  textOf(path: string): string | undefined {
    return this.#entries.get(path)?.text
  }

  /** A command may have written anything. */
  forgetTexts(): void {
    for (const entry of this.#entries.values()) {
      entry.text = undefined
      entry.changed = entry.views > 0
    }
  }
}

/** A path as the editor reads it. */
export function normalPath(given: string): string {
  const path = posix.normalize(given.trim())
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

function roleOf(name: string): FileRole {
  if (!/\.[cm]?js$/.test(name)) return 'other'
  return /(?:^|\/)(?:tests?|__tests__)\/|\.(?:test|spec)\.[cm]?js$/.test(name) ? 'test' : 'source'
}
