// Registering: a form that waits for the code from its letter.
import { answer, api, type Schemas } from '../../api/client'

export async function registerPatient(body: Schemas['NewPatient']): Promise<string> {
  return (await answer(api.POST('/api/v1/patients', { body }))).challenge
}

type Doctor = Schemas['NewDoctor']

export async function registerDoctor(
  form: Omit<Doctor, 'specialty'> & { specialty: string },
): Promise<string> {
  // The field offers these and no others; one that was left open is refused with its words.
  const body = { ...form, specialty: form.specialty as Doctor['specialty'] }
  return (await answer(api.POST('/api/v1/doctors', { body }))).challenge
}

export async function registerFirstAdmin(body: Schemas['NewAdmin']): Promise<string> {
  return (await answer(api.POST('/api/v1/admins/first', { body }))).challenge
}

/** `token` is the first admin's. */
export async function confirm(challenge: string, code: string, token?: string): Promise<void> {
  const body = { challenge, code, ...(token !== undefined && { token }) }
  await answer(api.POST('/api/v1/registrations/confirm', { body }))
}
