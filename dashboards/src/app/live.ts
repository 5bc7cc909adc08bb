// Keeps every screen as new as the log: what concerns me arrives, and whatever is shown is asked again.
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { listen } from '../api/live'
import { type Me, meQuery } from './people'

/** How long to collect what happens at once before asking, in milliseconds. */
const TOGETHER = 150
/** What may change who I am here, such as a doctor who is verified; a `reset` hides what it was. */
const ABOUT_ME = /^(identity\..*|reset)$/

/**
 * Asks again for whatever is shown; a list that knows a cheaper way (`meta.refresh`) goes it while it is shown, and
 * is forgotten while it is not.
 */
function askAgain(queries: QueryClient) {
  for (const query of queries.getQueryCache().getAll()) {
    const refresh = query.meta?.refresh
    if (typeof refresh !== 'function') continue
    // What fails is asked in the usual way, which says so.
    if (!query.isActive()) queries.removeQueries({ queryKey: query.queryKey, exact: true })
    else void refresh(queries).catch(() => queries.invalidateQueries({ queryKey: query.queryKey }))
  }
  void queries.invalidateQueries({
    predicate: ({ meta, queryKey }) =>
      queryKey[0] !== meQuery.queryKey[0] && meta?.refresh === undefined,
  })
}

/** How the stream does; `crowded` where too many windows listen. */
export type Live = 'live' | 'lost' | 'crowded'

/** Follows the live stream while somebody is signed in; says how that goes. */
export function useLive(me: Me | null | undefined): Live {
  const queries = useQueryClient()
  const [live, setLive] = useState<Live>('live')
  const session = me?.session
  useEffect(() => {
    if (session === undefined) return
    const control = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let isAboutMe = false
    const happened = ({ type }: { type: string }) => {
      isAboutMe ||= ABOUT_ME.test(type)
      clearTimeout(timer)
      timer = setTimeout(() => {
        askAgain(queries)
        if (isAboutMe) void queries.invalidateQueries(meQuery)
        isAboutMe = false
      }, TOGETHER)
    }
    let was = true
    const connected = (is: boolean, crowded = false) => {
      // What happened meanwhile may have been missed.
      if (is && !was) happened({ type: 'reset' })
      was = is
      setLive(is ? 'live' : crowded ? 'crowded' : 'lost')
    }
    void listen({ happened, connected }, control.signal)
    return () => {
      clearTimeout(timer)
      control.abort()
    }
  }, [session, queries])
  return live
}
