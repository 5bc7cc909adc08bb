// Passkeys (W3C Web Authentication, level 3): setting one up, giving one up, and answering a challenge with one.
import { queryOptions, useQuery } from '@tanstack/react-query'
import { answer, api } from '../../api/client'
import { noted } from '../../api/seen'
import { challengeOf, type Proof, stepUp } from '../../api/step-up'

export const passkeysQuery = queryOptions({
  queryKey: ['passkeys'],
  queryFn: () => answer(api.GET('/api/v1/me/passkeys')),
})

/** What may answer a challenge. */
export function challengeQuery(challenge: string) {
  const params = { path: { challenge } }
  return queryOptions({
    queryKey: ['challenge', challenge],
    queryFn: () => answer(api.GET('/api/v1/challenges/{challenge}', { params })),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** Whether this browser, on this page, can have passkeys at all. */
export function passkeysWork(): boolean {
  return 'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential
}

/** Whether a passkey of mine can answer a challenge here. */
export function useHasPasskey(): boolean {
  const { data } = useQuery({ ...passkeysQuery, enabled: passkeysWork() })
  return (data?.items.length ?? 0) > 0
}

/** The browser's own dialogue was closed, or found nothing to show. */
export class NoPasskeyGiven extends Error {
  override readonly name = 'NoPasskeyGiven'
}

type Options = { publicKey?: unknown }

/** A passkey that was made, and the challenge whose code confirms it. */
export interface MadePasskey {
  challenge: string
  credential: Record<string, unknown>
}

/** Asks the service what to make, and the browser to make it. A code is sent meanwhile. */
export async function makePasskey(): Promise<MadePasskey> {
  const begun = await answer(api.POST('/api/v1/me/passkeys/options'))
  const asked = (begun.options as Options).publicKey as PublicKeyCredentialCreationOptionsJSON
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked)
  const made = await given(() => navigator.credentials.create({ publicKey }))
  return { challenge: begun.challenge, credential: made }
}

export async function addPasskey({ challenge, credential }: MadePasskey, code: string) {
  const body = { challenge, code, credential }
  return noted(await answer(api.POST('/api/v1/me/passkeys', { body })))
}

/** Asks for a code that confirms the removal; answers its challenge. */
export function askToRemove(passkey: string): Promise<string> {
  const params = { path: { passkey } }
  return challengeOf(answer(api.DELETE('/api/v1/me/passkeys/{passkey}', { params })))
}

export async function removePasskey(passkey: string, challenge: string, proof: Proof) {
  const params = { path: { passkey }, header: stepUp(challenge, proof) }
  return noted(await answer(api.DELETE('/api/v1/me/passkeys/{passkey}', { params })))
}

/** What a passkey answers to a challenge, asked for by the browser's own dialogue. */
export async function passkeyAnswer(challenge: string): Promise<Record<string, unknown>> {
  const params = { path: { challenge } }
  const { options } = await answer(api.POST('/api/v1/challenges/{challenge}/passkey', { params }))
  const asked = (options as Options).publicKey as PublicKeyCredentialRequestOptionsJSON
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked)
  return given(() => navigator.credentials.get({ publicKey }))
}

async function given(ask: () => Promise<Credential | null>): Promise<Record<string, unknown>> {
  const credential = await ask().catch((error: unknown): never => {
    if (error instanceof DOMException) throw new NoPasskeyGiven(error.name)
    throw error
  })
  if (!(credential instanceof PublicKeyCredential)) throw new NoPasskeyGiven('none')
  return credential.toJSON() as Record<string, unknown>
}
