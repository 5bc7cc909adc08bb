// Which part of a page is looked at: the whole of it, or a half or a quarter of its width and height.

/** `zoom` times as fine; the part's upper left corner in per cent of the page. */
export interface Part {
  zoom: 1 | 2 | 4
  x: number
  y: number
}

export const WHOLE: Part = { zoom: 1, x: 0, y: 0 }

const FINER: Record<Part['zoom'], Part['zoom']> = { 1: 2, 2: 4, 4: 4 }
const COARSER: Record<Part['zoom'], Part['zoom']> = { 1: 1, 2: 1, 4: 2 }

/** How much of the page's width and height is seen, in per cent. */
function seen({ zoom }: Part): number {
  return 100 / zoom
}

function within(part: Part): Part {
  const most = 100 - seen(part)
  const held = (at: number) => Math.min(most, Math.max(0, Math.round(at * 100) / 100))
  return { ...part, x: held(part.x), y: held(part.y) }
}

/** The same place at another scale; `at` is where to look, as parts of what is seen now. */
function scaled(part: Part, zoom: Part['zoom'], at = { x: 0.5, y: 0.5 }): Part {
  const centre = { x: part.x + seen(part) * at.x, y: part.y + seen(part) * at.y }
  const half = 100 / zoom / 2
  return within({ zoom, x: centre.x - half, y: centre.y - half })
}

export function finer(part: Part, at?: { x: number; y: number }): Part {
  return scaled(part, FINER[part.zoom], at)
}

export function coarser(part: Part): Part {
  return scaled(part, COARSER[part.zoom])
}

/** Half a view further; the same where there is no more. */
export function moved(part: Part, across: number, down: number): Part {
  const step = seen(part) / 2
  return within({ ...part, x: part.x + across * step, y: part.y + down * step })
}

/** As the service wants to be asked; none for the whole page. */
export function regionOf(part: Part): string | undefined {
  const side = seen(part)
  return part.zoom === 1 ? undefined : `pct:${part.x},${part.y},${side},${side}`
}
