// The consents I gave, and taking one back.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from '../../api/client'
import { atLeastSeen, noted } from '../../api/seen'

export type MyConsent = Schemas['MyConsent']

export function consentsQuery(patient: string, which: 'in_force' | 'all') {
  return infiniteQueryOptions({
    queryKey: ['consents', patient, which],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const cursor = pageParam !== undefined ? { cursor: pageParam } : {}
      const query = { which, ...cursor, ...atLeastSeen() }
      const params = { path: { patient }, query }
      return answer(api.GET('/api/v1/patients/{patient}/consents', { params }))
    },
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

export function consentQuery(patient: string, consent: string) {
  return queryOptions({
    queryKey: ['consents', patient, 'one', consent],
    queryFn: () => {
      const params = { path: { patient, consent }, query: atLeastSeen() }
      return answer(api.GET('/api/v1/patients/{patient}/consents/{consent}', { params }))
    },
  })
}

/** At once, and without a code. The same key again does nothing twice. */
export async function revoke(patient: string, consent: string, key: string) {
  const params = { path: { patient, consent }, header: { 'Idempotency-Key': key } }
  return noted(
    await answer(api.POST('/api/v1/patients/{patient}/consents/{consent}/revoke', { params })),
  )
}
