// Keeps every screen as new as the log: what concerns me arrives, and whatever is shown is asked again.
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { listen } from '../api/live'
import { type Me, meQuery } from './people'

/** How long to collect what happens at once before asking, in milliseconds. */
const TOGETHER = 150

/** Asks again for whatever is shown; a list that knows a cheaper way (`meta.refresh`) goes it. */
function askAgain(queries: QueryClient) {
  for (const query of queries.getQueryCache().findAll({ type: 'active' })) {
    const refresh = query.meta?.refresh
    if (typeof refresh !== 'function') continue
    // What fails is asked in the usual way, which says so.
    void refresh(queries).catch(() => queries.invalidateQueries({ queryKey: query.queryKey }))
  }
  void queries.invalidateQueries({
    predicate: (query) =>
      query.queryKey[0] !== meQuery.queryKey[0] &&
      (query.meta?.refresh === undefined || !query.isActive()),
  })
}

/** Follows the live stream while somebody is signed in; says whether it is connected. */
export function useLive(me: Me | null | undefined): boolean {
  const queries = useQueryClient()
  const [connected, setConnected] = useState(true)
  const session = me?.session
  useEffect(() => {
    if (session === undefined) return
    const control = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const happened = () => {
      clearTimeout(timer)
      timer = setTimeout(() => askAgain(queries), TOGETHER)
    }
    let was = true
    const connected = (is: boolean) => {
      // What happened meanwhile may have been missed.
      if (is && !was) happened()
      was = is
      setConnected(is)
    }
    void listen({ happened, connected }, control.signal)
    return () => {
      clearTimeout(timer)
      control.abort()
    }
  }, [session, queries])
  return connected
}
