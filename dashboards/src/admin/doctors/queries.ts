// Doctors by where they stand, and the steps an admin takes with them.
import { infiniteQueryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from '../../api/client'
import { atLeastSeen, noted } from '../../api/seen'

export type QueuedDoctor = Schemas['QueuedDoctor']
export type Standing = Schemas['StandingCode']
export type Step = Schemas['StandingPath']

export function doctorsQuery(standing: Standing) {
  return infiniteQueryOptions({
    queryKey: ['doctors-standing', standing],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) => {
      const page = { ...atLeastSeen(), limit: 50, ...(cursor !== undefined && { cursor }) }
      const query = { ...page, standing }
      return answer(api.GET('/api/v1/admin/verifications', { params: { query } }))
    },
    getNextPageParam: ({ next }) => next ?? undefined,
  })
}

/** What can be done with a doctor who stands there. */
export const STEPS: Record<Standing, Step[]> = {
  pending: ['verify', 'reject'],
  verified: ['suspend'],
  suspended: ['reinstate'],
  rejected: [],
}

export async function takeStep(doctor: string, step: Step, note: string) {
  const params = { path: { doctor } }
  const asked = api.POST('/api/v1/doctors/{doctor}/standing', { params, body: { step, note } })
  return noted(await answer(asked))
}
