// What a file is, as the service wants to be told.

/** Kinds whose pages can be shown to a doctor. */
export const SHOWN = ['application/pdf', 'image/png', 'image/jpeg', 'text/plain']

const BY_ENDING: Record<string, string> = {
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  txt: 'text/plain',
}

/** The browser's word, without parameters; the name's ending where it has none. */
export function mediaType(file: { name: string; type: string }): string {
  const said = file.type.split(';')[0]?.trim().toLowerCase()
  if (said) return said
  const ending = file.name.split('.').pop()?.toLowerCase() ?? ''
  return BY_ENDING[ending] ?? 'application/octet-stream'
}

/** A title to begin with: the file's name without its ending. */
export function titleOf(name: string): string {
  return name
    .replace(/\.[^.]+$/, '')
    .replace(/[_\s]+/g, ' ')
    .trim()
    .slice(0, 200)
}
