// Doctors to choose from, and the two steps of a consent: the order, then the code for exactly this order.
import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client'
import { Refusal } from '../../api/refusal'
import { atLeastSeen, noted } from '../../api/seen'
import type { NewConsent } from './order'

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

/** Asks for a code that confirms exactly this order; answers its challenge. */
export async function ask(patient: string, body: NewConsent): Promise<string> {
  try {
    await answer(
      api.POST('/api/v1/patients/{patient}/consents', { params: { path: { patient } }, body }),
    )
  } catch (error) {
    const challenge = error instanceof Refusal ? error.problem.challenge : undefined
    if (challenge) return challenge
    throw error
  }
  throw new Error('a consent was given without a code')
}

export async function give(
  patient: string,
  body: NewConsent,
  proof: { challenge: string; code: string; key: string },
) {
  const header = {
    'Medlock-Step-Up': `challenge=${proof.challenge}; code=${proof.code}`,
    'Idempotency-Key': proof.key,
  }
  const params = { path: { patient }, header }
  return noted(await answer(api.POST('/api/v1/patients/{patient}/consents', { params, body })))
}
