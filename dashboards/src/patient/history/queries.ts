// What happened to my record, newest first.
import { infiniteQueryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from '../../api/client'
import { atLeastSeen } from '../../api/seen'

export type Entry = Schemas['HistoryEntry']

/** Entries asked for at once. */
const AT_ONCE = 100

export function historyQuery(patient: string, limit = AT_ONCE) {
  return infiniteQueryOptions({
    queryKey: ['history', patient, limit],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const cursor = pageParam !== undefined ? { cursor: pageParam } : {}
      const params = { path: { patient }, query: { limit, ...cursor, ...atLeastSeen() } }
      return answer(api.GET('/api/v1/patients/{patient}/access-history', { params }))
    },
    getNextPageParam: (page) => page.next ?? undefined,
  })
}
