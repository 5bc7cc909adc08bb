// One page of an open viewing, as the service draws it: a picture, and what stands beside it.
import { refused } from '../../api/client'
import { unreachable } from '../../api/refusal'
import type { PageSize } from './part'

export interface Drawn {
  picture: Blob
  pages: number | undefined
  /** The page's full size, whatever part of it this is. */
  size: PageSize | undefined
  /** Codes of what could not be drawn. */
  missing: string[]
  event: string | undefined
}

/** A page of a viewing; all of it, or the region. */
export interface Wanted {
  patient: string
  viewing: string
  page: number
  region: string | undefined
}

/** Asks for a page: an event of its own, so nobody asks for one that is not looked at. */
export async function drawn(wanted: Wanted, signal: AbortSignal): Promise<Drawn> {
  const { patient, viewing, page, region } = wanted
  const part = region === undefined ? '' : `?region=${region}`
  const path = `/api/v1/patients/${patient}/viewings/${viewing}/pages/${page}${part}`
  const response = await fetch(path, { signal, cache: 'no-store' }).catch((error): never => {
    throw signal.aborted ? error : unreachable()
  })
  if (!response.ok) throw refused(await response.json().catch(() => undefined), response)
  const pages = Number(response.headers.get('Medlock-Pages') ?? Number.NaN)
  const [width, height] = (response.headers.get('Medlock-Page-Size') ?? '').split('x').map(Number)
  const missing = response.headers.get('Medlock-Missing')
  return {
    picture: await response.blob(),
    pages: Number.isNaN(pages) ? undefined : pages,
    size: width && height ? { width, height } : undefined,
    missing: missing ? missing.split(',') : [],
    event: response.headers.get('Medlock-Event') ?? undefined,
  }
}
