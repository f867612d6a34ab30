/** Edits of one file that can be undone. */
const DEPTH = 10
/** UTF-16 units kept over all files, so that a rollout stays small; the newest edit of a file is kept whatever its size. */
const MAX_UNITS = 2_000_000

/** Texts of files before their edits, newest last; the oldest go first when there are too many. */
export class EditHistory {
  readonly #texts = new Map<string, string[]>()
  #units = 0

  push(path: string, text: string): void {
    const texts = this.#texts.get(path) ?? []
    // Behind the files edited longer ago, which lose their texts first.
    this.#texts.delete(path)
    this.#texts.set(path, texts)
    texts.push(text)
    this.#units += text.length
    if (texts.length > DEPTH) this.#dropOldest(texts)
    for (const old of this.#texts.values()) {
      while (this.#units > MAX_UNITS && old.length > 1) this.#dropOldest(old)
    }
  }

  /** Takes the text before the file's newest edit; `undefined` when none is known. */
  pop(path: string): string | undefined {
    const text = this.#texts.get(path)?.pop()
    if (text !== undefined) this.#units -= text.length
    return text
  }

  #dropOldest(texts: string[]): void {
    this.#units -= texts.shift()?.length ?? 0
  }
}
