// How the service does, part by part.
import { queryOptions } from '@tanstack/react-query'
import { api, refused, type Schemas } from '../../api/client'
import { unreachable } from '../../api/refusal'

export type Readiness = Schemas['Readiness']
export type JobLine = Schemas['JobLine']

/** A service that is not ready says so with 503 and the same body. */
export const healthQuery = queryOptions({
  queryKey: ['health'],
  refetchInterval: 5_000,
  queryFn: async (): Promise<Readiness> => {
    const asked = await api.GET('/readyz').catch((): never => {
      throw unreachable()
    })
    const body = asked.data ?? asked.error
    if (typeof body === 'object' && body !== null && 'jobs' in body) return body as Readiness
    throw refused(asked.error, asked.response)
  },
})
