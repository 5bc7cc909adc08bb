// The two steps of a log-in: address and password, then the code where one is asked for.
import { answer, api, type Schemas } from '../../api/client'
import { sessionHeld } from '../../api/session'
import { type Me, meQuery, queries } from '../../app/people'

export type LoginStep =
  | { kind: 'open'; me: Me }
  | { kind: 'code'; challenge: string; passkey: boolean }

export async function logIn(email: string, password: string): Promise<LoginStep> {
  const body = { email, password, client: 'browser' } as const
  const opened = await answer(api.POST('/api/v1/sessions', { body }))
  if ('challenge' in opened) {
    return { kind: 'code', challenge: opened.challenge, passkey: opened.passkey }
  }
  return { kind: 'open', me: await opening(opened) }
}

export async function answerCode(challenge: string, code: string): Promise<Me> {
  const body = { challenge, code, client: 'browser' } as const
  return opening(await answer(api.POST('/api/v1/sessions/second-factor', { body })))
}

export async function answerPasskey(
  challenge: string,
  passkey: Record<string, unknown>,
): Promise<Me> {
  const body = { challenge, passkey, client: 'browser' } as const
  return opening(await answer(api.POST('/api/v1/sessions/second-factor', { body })))
}

async function opening(session: Schemas['SessionOpen']): Promise<Me> {
  sessionHeld(session.csrf_token ?? undefined)
  const me = await queries.fetchQuery({ ...meQuery, staleTime: 0 })
  if (me === null) throw new Error('the service opened a session and does not know it')
  return me
}
