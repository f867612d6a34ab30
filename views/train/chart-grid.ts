import type { Size } from '../pane.ts'

/** How many charts stand side by side and one below the other. */
export interface ChartGrid {
  readonly columns: number
  readonly rows: number
}

/** Fewest cells in which a chart can be read. */
const MIN_WIDTH = 38
const MIN_HEIGHT = 9
const MAX_SIDE = 3
/** Cells between two charts. */
export const CHART_GAP = 2

/** The grid for a part of the screen: as many charts as can be read there, three by three at most, no more than there are. */
export function chartGrid({ width, height }: Size, charts: number): ChartGrid {
  const fit = (room: number, least: number) => Math.max(1, Math.min(MAX_SIDE, Math.floor(room / least)))
  const columns = Math.min(fit(width + CHART_GAP, MIN_WIDTH + CHART_GAP), Math.max(1, Math.ceil(Math.sqrt(charts))))
  return { columns, rows: Math.min(fit(height, MIN_HEIGHT), Math.max(1, Math.ceil(charts / columns))) }
}

/** The page that shows chart `index`, and how many pages there are. */
export function pageOf(
  index: number,
  charts: number,
  { columns, rows }: ChartGrid,
): { readonly page: number; readonly pages: number } {
  const each = columns * rows
  return { page: Math.floor(Math.max(0, index) / each), pages: Math.max(1, Math.ceil(charts / each)) }
}
