// An open viewing as the screen sees it: the page that is shown, or why it is over.
import { useCallback, useEffect, useRef, useState } from 'react'
import { listen } from '../../api/live'
import { type Refusal, refusalOf } from '../../api/refusal'
import { useNow } from '../../ui/now'
import { type Drawn, drawn, type Wanted } from './drawn'
import { type Opened, openedHere } from './opening'
import { type PageSize, type Part, regionOf } from './part'

/** What ends or may end a viewing: it is looked at again at once. */
const ENDINGS =
  /^(consent\.revoked|access\.viewing_ended|identity\.doctor_suspended)\.v\d+$|^reset$/
/** What passes by itself: the page is asked for again by whoever looks. */
const PASSING = new Set([
  ...['unreachable', 'strange_answer', 'busy', 'too_many_requests', 'failed', 'not_signed_in'],
  ...['log_unsigned', 'disk_full'],
])

export type Look =
  | { at: 'asking' }
  | { at: 'page'; url: string; drawn: Drawn }
  | { at: 'trouble'; error: Refusal }
  | { at: 'over'; error: Refusal }

export interface Viewing {
  opened: Opened | undefined
  look: Look
  pages: number | undefined
  /** The full size of the page that was shown last. */
  size: PageSize | undefined
  /** Milliseconds until it ends by itself. */
  left: number | undefined
  again: () => void
}

/** `part` of a page is looked at, measured by the page's own size once it is known. */
export function useViewing({
  patient,
  viewing,
  page,
  part,
}: Omit<Wanted, 'region'> & { part: Part }): Viewing {
  const [opened] = useState(() => openedHere(viewing))
  const [look, setLook] = useState<Look>({ at: 'asking' })
  const [pages, setPages] = useState(opened?.pages)
  const [size, setSize] = useState<PageSize>()
  const region = regionOf(part, size)
  const [tries, setTries] = useState(0)
  const again = useCallback(() => setTries((tries) => tries + 1), [])
  // Whether a page is asked for at this moment, and something happened since that may have ended it.
  const asked = useRef({ waits: false, stale: false })
  const now = useNow()
  const left = opened && Date.parse(opened.until) - now
  const expired = left !== undefined && left <= 0

  // biome-ignore lint/correctness/useExhaustiveDependencies: each further try, and the end, ask anew
  useEffect(() => {
    const control = new AbortController()
    let url: string | undefined
    // What is shown is covered before anything is asked: it may be over.
    setLook({ at: 'asking' })
    asked.current = { waits: true, stale: false }
    drawn({ patient, viewing, page, region }, control.signal).then(
      (found) => {
        if (control.signal.aborted) return
        asked.current.waits = false
        if (asked.current.stale) return again()
        url = URL.createObjectURL(found.picture)
        if (found.pages !== undefined) setPages(found.pages)
        setSize(found.size)
        setLook({ at: 'page', url, drawn: found })
      },
      (thrown) => {
        if (control.signal.aborted) return
        asked.current.waits = false
        const error = refusalOf(thrown)
        const passes = PASSING.has(error.code) || error.code === 'no_such_page'
        setLook({ at: passes ? 'trouble' : 'over', error })
      },
    )
    return () => {
      control.abort()
      if (url !== undefined) URL.revokeObjectURL(url)
    }
  }, [patient, viewing, page, region, tries, expired])

  const over = look.at === 'over'
  useEffect(() => {
    if (over) return
    const control = new AbortController()
    const mayBeOver = () => {
      // An answer that is under way may name the rule; whoever asks once more hears only that it has ended.
      if (asked.current.waits) asked.current.stale = true
      else again()
    }
    const happened = ({ type }: { type: string }) => {
      if (ENDINGS.test(type)) mayBeOver()
    }
    let was = true
    const connected = (is: boolean) => {
      // What happened meanwhile may have ended it.
      if (is && !was) mayBeOver()
      was = is
    }
    void listen({ happened, connected }, control.signal)
    return () => control.abort()
  }, [over, again])

  return { opened, look, pages, size, left, again }
}
