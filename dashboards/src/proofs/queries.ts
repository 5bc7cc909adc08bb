// What a check is made of, as the service gives it: bytes, unread.
import { queryOptions } from '@tanstack/react-query'
import { refused } from '../api/client'
import { unreachable } from '../api/refusal'

async function bytes(path: string): Promise<Uint8Array> {
  const answer = await fetch(path).catch((): never => {
    throw unreachable()
  })
  if (answer.ok) return new Uint8Array(await answer.arrayBuffer())
  throw refused(await answer.json().catch(() => undefined), answer)
}

/** The receipt of an event of somebody's own record. */
export function takeReceipt(patient: string, position: number): Promise<Uint8Array> {
  return bytes(`/api/v1/patients/${patient}/events/${position}/receipt`)
}

/** That an event is in the log, without its words: for anybody. */
export function takeProof(position: number): Promise<Uint8Array> {
  return bytes(`/api/v1/log/inclusion?position=${position}`)
}

export function takeHistory(patient: string): Promise<Uint8Array> {
  return bytes(`/api/v1/patients/${patient}/history-bundle`)
}

/** What the log says of itself. */
export const logQuery = queryOptions({
  queryKey: ['log-shown'],
  refetchInterval: 15_000,
  queryFn: async () => {
    const { logShown } = await import('./log-shown')
    return logShown()
  },
})
