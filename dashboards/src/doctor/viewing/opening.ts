// Asking for a report and opening it: the token is used up at once, and what a reload needs is kept in this tab.
import { answer, api, type Schemas } from '../../api/client'
import { noted } from '../../api/seen'

/** What is known of an open viewing beside its pages. */
export interface Opened {
  title: string
  until: string
  pages?: number
}

const keptAs = (viewing: string) => `medlock.viewing.${viewing}`

/** What this tab knows of a viewing; none in another tab, or after it was closed. */
export function openedHere(viewing: string): Opened | undefined {
  const kept = sessionStorage.getItem(keptAs(viewing))
  return kept === null ? undefined : JSON.parse(kept)
}

export function forgetOpened(viewing: string) {
  sessionStorage.removeItem(keptAs(viewing))
}

interface Wish {
  patient: string
  report: string
  title: string
  purpose: Schemas['PurposeCode']
}

/** Asks, redeems, and answers the viewing's id; throws the rule that says no. */
export async function openViewing({ patient, report, title, purpose }: Wish): Promise<string> {
  const params = { path: { patient } }
  const asked = api.POST('/api/v1/patients/{patient}/view-tokens', {
    params,
    body: { report, purpose },
  })
  const { token } = await answer(asked)
  const redeemed = api.POST('/api/v1/patients/{patient}/viewings', { params, body: { token } })
  const { viewing, until, pages } = noted(await answer(redeemed))
  const opened: Opened = { title, until, ...(pages !== undefined && { pages }) }
  sessionStorage.setItem(keptAs(viewing), JSON.stringify(opened))
  return viewing
}

/** Ends a viewing. */
export async function closeViewing(patient: string, viewing: string): Promise<void> {
  const params = { path: { patient, viewing } }
  const asked = api.DELETE('/api/v1/patients/{patient}/viewings/{viewing}', { params })
  noted(await answer(asked))
  forgetOpened(viewing)
}
