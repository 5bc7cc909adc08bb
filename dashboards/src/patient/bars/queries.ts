// What I keep shut whatever my consents say: the whole record, somebody, a report before somebody.
import { infiniteQueryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from '../../api/client'
import { atLeastSeen, noted } from '../../api/seen'

export type MyBar = Schemas['MyBar']
/** What is shut, and to whom. */
export type Shut = Schemas['ShutBody']

/** More than anybody bars: what is newest comes first, and the closed record must not lie behind it. */
const ALL = 200

export function barsQuery(patient: string) {
  return infiniteQueryOptions({
    queryKey: ['bars', patient],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const cursor = pageParam !== undefined ? { cursor: pageParam } : {}
      const params = { path: { patient }, query: { limit: ALL, ...cursor, ...atLeastSeen() } }
      return answer(api.GET('/api/v1/patients/{patient}/bars', { params }))
    },
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

/** At once, and without a code. */
export async function shut(patient: string, what: Shut, emergencyPasses: boolean) {
  const params = { path: { patient } }
  const body = { what, emergency_passes: emergencyPasses }
  return noted(await answer(api.POST('/api/v1/patients/{patient}/bars', { params, body })))
}

/** As easily. */
export async function lift(patient: string, what: Shut) {
  const params = { path: { patient } }
  const body = { what }
  return noted(await answer(api.POST('/api/v1/patients/{patient}/bars/lift', { params, body })))
}

export function barredDoctor(doctor: string): Shut {
  return { kind: 'barred', whom: { kind: 'doctor', doctor } }
}
