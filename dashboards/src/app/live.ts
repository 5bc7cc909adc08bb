// Keeps every screen as new as the log: what concerns me arrives, and whatever is shown is asked again.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { listen } from '../api/live'
import { type Me, meQuery } from './people'

/** How long to collect what happens at once before asking, in milliseconds. */
const TOGETHER = 150

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
      timer = setTimeout(() => {
        void queries.invalidateQueries({
          predicate: ({ queryKey }) => queryKey[0] !== meQuery.queryKey[0],
        })
      }, TOGETHER)
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
