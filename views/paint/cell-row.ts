import { safeText } from '../../src/lib/safe-text.ts'
import { type Row, type Span, span } from './row.ts'
import type { StyleName } from './style.ts'

/** Gathers cells of one style into spans. */
export class CellRow {
  readonly #spans: Span[] = []
  #text = ''
  #style: StyleName = 'plain'
  #selected = false

  add(text: string, style: StyleName, selected: boolean): void {
    const isSame = style === this.#style && selected === this.#selected
    if (!isSame && text === ' ' && !selected && !this.#selected) {
      // A blank looks alike in any style.
      this.#text += text
      return
    }
    if (!isSame) this.#end()
    this.#style = style
    this.#selected = selected
    this.#text += text
  }

  spans(): Row {
    this.#end()
    return this.#spans
  }

  #end(): void {
    if (this.#text !== '') this.#spans.push({ ...span(this.#text, this.#style), selected: this.#selected })
    this.#text = ''
  }
}

/** Cells `from` … `to` of a row whose characters take one cell each. */
export function cutRow(row: Row, from: number, to: number): Row {
  let at = 0
  return row.flatMap((part): Span[] => {
    const [start, end] = [Math.max(from - at, 0), Math.min(to - at, part.text.length)]
    at += part.text.length
    return end > start ? [{ ...part, text: safeText(part.text.slice(start, end)) }] : []
  })
}
