// Every event of the log, newest first: ids, codes, times and fingerprints, no words.
import { infiniteQueryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from '../../api/client'
import { atLeastSeen } from '../../api/seen'

export type TrailLine = Schemas['TrailLine']

/** What of the trail is wanted; empty words ask for nothing. */
export interface TrailFilter {
  stream?: string
  actor?: string
  type?: string
}

export function trailQuery(filter: TrailFilter) {
  return infiniteQueryOptions({
    queryKey: ['trail', filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) => {
      const page = { ...atLeastSeen(), limit: 50, ...(cursor !== undefined && { cursor }) }
      const query = { ...page, ...filter }
      return answer(api.GET('/api/v1/admin/trail', { params: { query } }))
    },
    getNextPageParam: ({ next }) => next ?? undefined,
  })
}
