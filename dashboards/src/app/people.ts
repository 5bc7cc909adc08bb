// Who is signed in, as every screen asks it.
import { QueryClient, queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { answer, api, type Schemas } from '../api/client'
import { Refusal } from '../api/refusal'
import { sessionHeld, sessionLeft } from '../api/session'

export type Me = Schemas['Me']

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof Refusal) || error.problem.status >= 500),
    },
  },
})

/** Who I am, or nobody. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  staleTime: 5 * 60_000,
  queryFn: async (): Promise<Me | null> => {
    try {
      const me = await answer(api.GET('/api/v1/me'))
      sessionHeld(me.csrf_token)
      return me
    } catch (error) {
      if (error instanceof Refusal && error.code === 'not_signed_in') return null
      throw error
    }
  },
})

/** Whoever is signed in; only for screens behind the log-in. */
export function useMe(): Me {
  const { data } = useSuspenseQuery(meQuery)
  if (data === null) throw new Error('nobody is signed in on a screen behind the log-in')
  return data
}

/** Where somebody of this role begins. */
export function homeOf(me: Me): '/patient' | '/doctor' | '/admin' | '/account' {
  switch (me.role) {
    case 'patient':
      return '/patient'
    case 'doctor':
      return '/doctor'
    case 'admin':
      return '/admin'
    case 'manager':
    case 'system':
      return '/account'
  }
}

/** Nobody is signed in any more, and nothing of theirs is kept on the page. */
export function forgetEverything() {
  sessionLeft()
  queries.clear()
  queries.setQueryData(meQuery.queryKey, null)
}
