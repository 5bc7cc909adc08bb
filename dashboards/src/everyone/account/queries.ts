// My sessions, and ending one.
import { infiniteQueryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client'
import { atLeastSeen, noted } from '../../api/seen'
import { sessionLeaving } from '../../api/session'

export const sessionsQuery = infiniteQueryOptions({
  queryKey: ['sessions'],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam }) => {
    const query = { ...atLeastSeen(), ...(pageParam !== undefined && { cursor: pageParam }) }
    return answer(api.GET('/api/v1/me/sessions', { params: { query } }))
  },
  getNextPageParam: (page) => page.next ?? undefined,
})

export async function endSession(session: string) {
  const params = { path: { session } }
  return noted(await answer(api.DELETE('/api/v1/sessions/{session}', { params })))
}

export async function logOut() {
  sessionLeaving(true)
  try {
    await answer(api.DELETE('/api/v1/sessions/current'))
  } catch (error) {
    sessionLeaving(false)
    throw error
  }
}
