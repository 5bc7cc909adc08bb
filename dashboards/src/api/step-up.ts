// What must be confirmed: the service refuses it with a challenge, and takes it with what answers that.
import { answer, api } from './client'
import { Refusal } from './refusal'

/** What answers a challenge: the code from its letter, or what a passkey said to it. */
export type Proof = { code: string } | { passkey: Record<string, unknown> }

/** Asks for what must be confirmed; answers the challenge that it is refused with. */
export async function challengeOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
  } catch (error) {
    const challenge = error instanceof Refusal ? error.problem.challenge : undefined
    if (challenge) return challenge
    throw error
  }
  throw new Error('what must be confirmed was done without it')
}

/** The header that confirms: `params: { header: stepUp(challenge, proof) }`. */
export function stepUp(challenge: string, proof: Proof): { 'Medlock-Step-Up': string } {
  const said =
    'code' in proof
      ? `code=${proof.code}`
      : `passkey=${base64Url(new TextEncoder().encode(JSON.stringify(proof.passkey)))}`
  return { 'Medlock-Step-Up': `challenge=${challenge}; ${said}` }
}

function base64Url(bytes: Uint8Array): string {
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Sends another letter for a challenge that lives; the code before it counts no more. */
export async function sendCodeAnew(challenge: string): Promise<void> {
  await answer(api.POST('/api/v1/codes', { body: { challenge } }))
}

/** Whether no letter can be had for the challenge any more: what it was for is begun again. */
export function isDead(error: unknown): boolean {
  return error instanceof Refusal && ['dead_code', 'no_more_codes'].includes(error.code)
}
