// The one way to the service: typed by docs/openapi.json, with the session's token on whatever changes something.
import createClient, { type Middleware } from 'openapi-fetch'
import { isProblem, Refusal, type Refusal as RefusalType, strange, unreachable } from './refusal'
import type { components, paths } from './schema'
import { sessionLost, tokenOfSession } from './session'

export type Schemas = components['schemas']

const withToken: Middleware = {
  onRequest({ request }) {
    const token = tokenOfSession()
    if (token && !['GET', 'HEAD'].includes(request.method)) {
      request.headers.set('X-CSRF-Token', token)
    }
    return request
  },
}

export const api = createClient<paths>({ baseUrl: window.location.origin })
api.use(withToken)

interface Asked<T> {
  data?: T | undefined
  error?: unknown
  response: Response
}

/** The JSON of an answer; a list that could be a table (text/csv) too is not asked for as one. */
type Json<T> = Exclude<NonNullable<T>, string>

/** The answer's body, or a `Refusal` thrown. `await answer(api.GET('/api/v1/me'))` */
export async function answer<T>(asked: Promise<Asked<T>>): Promise<Json<T>> {
  const { data, error, response } = await asked.catch((): never => {
    throw unreachable()
  })
  if (response.ok) return data as Json<T>
  throw refused(error, response)
}

/** What a failed answer says. A session that is over is told to the whole app. */
export function refused(body: unknown, response: Response): RefusalType {
  const wait = Number.parseInt(response.headers.get('Retry-After') ?? '', 10)
  const refusal = isProblem(body)
    ? new Refusal(body, Number.isNaN(wait) ? undefined : wait)
    : strange(response.status)
  if (refusal.code === 'not_signed_in') sessionLost()
  return refusal
}
