// My reports: the list, one, and where its file is.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from '../../api/client'
import { atLeastSeen } from '../../api/seen'

export type ListedReport = Schemas['ListedReport']

export function reportsQuery(patient: string) {
  return infiniteQueryOptions({
    queryKey: ['reports', patient],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const cursor = pageParam !== undefined ? { cursor: pageParam } : {}
      const params = { path: { patient }, query: { limit: 50, ...cursor, ...atLeastSeen() } }
      return answer(api.GET('/api/v1/patients/{patient}/reports', { params }))
    },
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

export function reportQuery(patient: string, report: string) {
  return queryOptions({
    queryKey: ['reports', patient, 'one', report],
    queryFn: () => {
      const params = { path: { patient, report }, query: atLeastSeen() }
      return answer(api.GET('/api/v1/patients/{patient}/reports/{report}', { params }))
    },
  })
}

/** Where the patient's own download is. */
export function contentOf(patient: string, report: string): string {
  return `/api/v1/patients/${patient}/reports/${report}/content`
}
