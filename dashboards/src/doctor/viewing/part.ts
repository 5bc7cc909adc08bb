// Which part of a page is looked at: the whole of it, or twice, four times … as fine, down to its smallest detail.

/** `zoom` times as fine; the part's upper left corner in per cent of the page. */
export interface Part {
  zoom: number
  x: number
  y: number
}

/** A page's full size, in the pixels that its service measures it by. */
export interface PageSize {
  width: number
  height: number
}

export const WHOLE: Part = { zoom: 1, x: 0, y: 0 }

/** Paper, where nobody has said yet how large the page is. */
const PAPER: PageSize = { width: 2_480, height: 3_508 }
/** Pixels of the longer side that are seen at the finest: then one of them is more than one on the screen. */
const FINEST = 1_000
/** How much longer than the other side a part may be: a strip cut as long as it is could not be read. */
const FLATTEST = 3

/** How fine it can be: a power of two, at least four. */
function finest({ width, height }: PageSize): number {
  const wanted = Math.max(width, height) / FINEST
  return 2 ** Math.max(2, Math.ceil(Math.log2(wanted)))
}

/** How much of the page's width and height is seen, in per cent. */
function seen({ zoom }: Part, { width, height }: PageSize): { across: number; down: number } {
  const [wide, high] = [width / zoom, height / zoom]
  const across = Math.min(width, Math.max(wide, high / FLATTEST))
  const down = Math.min(height, Math.max(high, wide / FLATTEST))
  return { across: (100 * across) / width, down: (100 * down) / height }
}

const written = (at: number) => Math.round(at * 10_000) / 10_000

function within(part: Part, size: PageSize): Part {
  const { across, down } = seen(part, size)
  const held = (at: number, length: number) => written(Math.min(100 - length, Math.max(0, at)))
  return { ...part, x: held(part.x, across), y: held(part.y, down) }
}

/** The same place at another scale; `at` is where to look, as parts of what is seen now. */
function scaled(part: Part, zoom: number, size: PageSize, at = { x: 0.5, y: 0.5 }): Part {
  const [now, then] = [seen(part, size), seen({ ...part, zoom }, size)]
  const centre = { x: part.x + now.across * at.x, y: part.y + now.down * at.y }
  const corner = { x: centre.x - then.across / 2, y: centre.y - then.down / 2 }
  return within({ zoom, ...corner }, size)
}

export function finer(part: Part, size = PAPER, at?: { x: number; y: number }): Part {
  return scaled(part, Math.min(finest(size), part.zoom * 2), size, at)
}

export function coarser(part: Part, size = PAPER): Part {
  return scaled(part, Math.max(1, part.zoom / 2), size)
}

/** Half a view further; the same where there is no more. */
export function moved(part: Part, across: number, down: number, size = PAPER): Part {
  const view = seen(part, size)
  const x = part.x + (across * view.across) / 2
  const y = part.y + (down * view.down) / 2
  return within({ ...part, x, y }, size)
}

/** As the service wants to be asked; none for the whole page. */
export function regionOf(part: Part, size = PAPER): string | undefined {
  const { across, down } = seen(part, size)
  return part.zoom === 1 ? undefined : `pct:${part.x},${part.y},${written(across)},${written(down)}`
}
