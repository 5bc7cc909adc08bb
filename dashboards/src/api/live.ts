// The live stream: what concerns me, as it happens. Read by hand instead of by `EventSource`, which tells nobody
// why it was refused and wants to know every event's name beforehand.
import { refused } from './client'
import { refusalOf } from './refusal'
import { saw, sawAnew } from './seen'

export interface Happened {
  /** The event's type, such as `consent.revoked.v1`; `reset` where what was known counts no longer. */
  type: string
  position: number | undefined
}

/** What stands in a piece of a stream of server-sent events, and what of it is not whole yet. */
export function readEvents(text: string): { events: Happened[]; rest: string } {
  const parts = text.split('\n\n')
  const rest = parts.pop() ?? ''
  const events = parts.flatMap((part) => {
    const fields = new Map(
      part.split('\n').map((line): [string, string] => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon), line.slice(colon + 1).trim()]
      }),
    )
    const type = fields.get('event')
    const id = fields.get('id')
    return type ? [{ type, position: id === undefined ? undefined : Number(id) }] : []
  })
  return { events, rest }
}

/** How long to wait before trying again, in milliseconds: longer each time, at most half a minute. */
export function pause(failures: number, chance = Math.random()): number {
  return Math.min(30_000, 500 * 2 ** Math.min(failures, 6)) * (0.75 + chance / 2)
}

/** After so many tries there really are too many windows. */
const CROWDED = 4
/** A place is free some seconds after its window was closed: waiting grows no longer than after this many tries. */
const CROWDED_PAUSE = 3

interface Listener {
  happened: (what: Happened) => void
  /** Whether somebody listens at this moment; if not, whether that is because too many windows do. */
  connected: (is: boolean, crowded?: boolean) => void
}

/** Listens until `signal` says no more; goes on behind what it has seen after each break. */
export async function listen(listener: Listener, signal: AbortSignal): Promise<void> {
  let last: number | undefined
  let failures = 0
  while (!signal.aborted) {
    let crowded = false
    try {
      const headers: HeadersInit = last === undefined ? {} : { 'Last-Event-ID': String(last) }
      const response = await fetch('/api/v1/stream', { headers, signal })
      if (!response.ok || response.body === null) {
        throw refused(await response.json().catch(() => undefined), response)
      }
      listener.connected(true)
      failures = 0
      await follow(response.body, (what) => {
        if (what.type === 'reset') sawAnew(what.position)
        else saw(what.position)
        last = what.position ?? last
        listener.happened(what)
      })
    } catch (error) {
      if (signal.aborted) return
      const { code } = refusalOf(error)
      // Whoever is not signed in is asked to log in by the app; until then there is nothing to hear.
      if (code === 'not_signed_in') return
      crowded = code === 'too_many_streams'
    }
    if (signal.aborted) return
    failures += 1
    // Windows that were closed just now, or left for this one, are noticed within seconds: nobody is told meanwhile.
    if (!crowded || failures >= CROWDED) listener.connected(false, crowded)
    await waiting(pause(crowded ? Math.min(failures, CROWDED_PAUSE) : failures), signal)
  }
}

async function follow(body: ReadableStream<Uint8Array>, tell: (what: Happened) => void) {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as Transformer).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const { events, rest } = readEvents(text + value)
    text = rest
    for (const event of events) if (event.type !== 'end') tell(event)
  }
}

type Transformer = ReadableWritablePair<string, Uint8Array>

function waiting(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      window.removeEventListener('online', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    // Back in the net: at once.
    window.addEventListener('online', end)
    signal.addEventListener('abort', end)
  })
}
