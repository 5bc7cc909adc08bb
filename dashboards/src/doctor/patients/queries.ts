// The patients who let me in, and the reports of one of them that I may ask for.
import { infiniteQueryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from '../../api/client'
import { atLeastSeen } from '../../api/seen'

export type MyPatient = Schemas['MyPatient']
export type OpenConsent = Schemas['OpenConsentBody']
export type ListedReport = Schemas['ListedReport']
export type Purpose = Schemas['PurposeCode']

export const patientsQuery = infiniteQueryOptions({
  queryKey: ['my-patients'],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam: cursor }) => {
    const query = { ...atLeastSeen(), limit: 100, ...(cursor !== undefined && { cursor }) }
    return answer(api.GET('/api/v1/me/patients', { params: { query } }))
  },
  getNextPageParam: ({ next }) => next ?? undefined,
})

export function reportsOfQuery(patient: string) {
  return infiniteQueryOptions({
    queryKey: ['reports-of', patient],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) => {
      const query = { ...atLeastSeen(), limit: 50, ...(cursor !== undefined && { cursor }) }
      const params = { path: { patient }, query }
      return answer(api.GET('/api/v1/patients/{patient}/reports', { params }))
    },
    getNextPageParam: ({ next }) => next ?? undefined,
  })
}
