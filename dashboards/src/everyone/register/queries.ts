// Registering: a form that waits for the code from its letter.
import { answer, api, type Schemas } from '../../api/client'
import type { Asked } from '../form-then-code'

export async function registerPatient(body: Schemas['NewPatient']): Promise<Asked> {
  return answer(api.POST('/api/v1/patients', { body }))
}

type Doctor = Schemas['NewDoctor']

export async function registerDoctor(
  form: Omit<Doctor, 'specialty'> & { specialty: string },
): Promise<Asked> {
  // The field offers these and no others; one that was left open is refused with its words.
  const body = { ...form, specialty: form.specialty as Doctor['specialty'] }
  return answer(api.POST('/api/v1/doctors', { body }))
}

export async function registerFirstAdmin(body: Schemas['NewAdmin']): Promise<Asked> {
  return answer(api.POST('/api/v1/admins/first', { body }))
}

/** `token` is the first admin's. */
export async function confirm(challenge: string, code: string, token?: string): Promise<void> {
  const body = { challenge, code, ...(token !== undefined && { token }) }
  await answer(api.POST('/api/v1/registrations/confirm', { body }))
}
