// Doctors to choose from, and the two steps of a consent: the order, then the code for exactly this order.
import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client'
import { atLeastSeen, noted } from '../../api/seen'
import { challengeOf, type Proof, stepUp } from '../../api/step-up'
import { type NewConsent, order, type Wish } from './order'

export function doctorsQuery(name: string) {
  return queryOptions({
    queryKey: ['doctors', name],
    queryFn: () => {
      const query = { limit: 20, ...(name && { name }), ...atLeastSeen() }
      return answer(api.GET('/api/v1/doctors', { params: { query } }))
    },
    placeholderData: (before) => before,
  })
}

export function doctorQuery(doctor: string) {
  return queryOptions({
    queryKey: ['doctors', 'one', doctor],
    queryFn: () => answer(api.GET('/api/v1/doctors/{doctor}', { params: { path: { doctor } } })),
  })
}

/** What a wish would open now, and what stands against it; nothing is recorded by it. */
export function previewQuery(patient: string, wish: Wish) {
  return queryOptions({
    queryKey: ['consents', 'preview', patient, wish],
    queryFn: () => {
      const body = order(wish, new Date())
      if (body === undefined) throw new Error('a wish that is not complete has no preview')
      const params = { path: { patient } }
      return answer(api.POST('/api/v1/patients/{patient}/consents/preview', { params, body }))
    },
  })
}

/** Asks for a code that confirms exactly this order; answers its challenge. */
export function ask(patient: string, body: NewConsent): Promise<string> {
  const params = { path: { patient } }
  return challengeOf(answer(api.POST('/api/v1/patients/{patient}/consents', { params, body })))
}

/** Gives the consent; the key makes the same order twice one consent. */
export async function give(
  patient: string,
  body: NewConsent,
  { challenge, key }: { challenge: string; key: string },
  proof: Proof,
) {
  const header = { ...stepUp(challenge, proof), 'Idempotency-Key': key }
  const params = { path: { patient }, header }
  return noted(await answer(api.POST('/api/v1/patients/{patient}/consents', { params, body })))
}
