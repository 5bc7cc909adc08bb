// A record with a long history, made as such a one comes about: by a patient who downloads and doctors who look.
import { PASSWORD, type Service } from './service'

/** What a service has to allow for that to take minutes instead of days. */
export const IN_A_HURRY = {
  MEDLOCK_RATES__REQUESTS_PER_MINUTE: '10000000',
  MEDLOCK_SHARES__DOWNLOADS_EACH: '64',
  MEDLOCK_SHARES__VIEW_TOKENS_PER_MINUTE: '1000000',
}

/** How many do something at the same time. */
const AT_ONCE = 24
/** Of so many entries two are a doctor's: leave, and the viewing it led to. */
const ROUND = 10

/** Somebody's requests, as a program sends them. */
class Caller {
  private token = ''
  private constructor(
    private readonly service: Service,
    private readonly email: string,
  ) {}

  static async of(service: Service, email: string): Promise<Caller> {
    const caller = new Caller(service, email)
    await caller.logIn()
    return caller
  }

  /** Tokens last ten minutes: whoever makes a long history logs in anew. */
  async logIn() {
    const since = Date.now()
    const who = { email: this.email, password: PASSWORD, client: 'machine' }
    const begun = await this.sent('sessions', who)
    const code = begun.challenge && (await this.service.code(this.email, since))
    const { challenge } = begun
    const second = { challenge, code, client: 'machine' }
    const opened = code ? await this.sent('sessions/second-factor', second) : begun
    this.token = String(opened.access_token)
  }

  async sent(path: string, body: unknown): Promise<Record<string, unknown>> {
    return (await this.asked(path, { method: 'POST', body: JSON.stringify(body) })).json()
  }

  async asked(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = {
      'Content-Type': 'application/json',
      ...(this.token && { Authorization: `Bearer ${this.token}` }),
    }
    const answer = await fetch(`${this.service.url}/api/v1/${path}`, { ...init, headers })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
}

/**
 * Adds so many entries to the history of a patient who has one report and has let the doctor in, or as many as can be
 * made in so many milliseconds; answers how many those were, and how many of them are viewings.
 */
export async function lengthen(
  service: Service,
  { patient, doctor }: { patient: string; doctor: string },
  entries: number,
  within = Number.POSITIVE_INFINITY,
): Promise<{ entries: number; viewings: number }> {
  const ends = Date.now() + within
  const made = { entries: 0, viewings: 0 }
  const [ana, bo] = [await Caller.of(service, patient), await Caller.of(service, doctor)]
  const { account } = await (await ana.asked('me')).json()
  const record = `patients/${account}`
  const { report } = (await (await ana.asked(`${record}/reports`)).json()).items[0]
  const download = async () => {
    await (await ana.asked(`${record}/reports/${report}/content`)).arrayBuffer()
    made.entries += 1
  }
  const look = async () => {
    const { token } = await bo.sent(`${record}/view-tokens`, { report, purpose: 'TREAT' })
    await bo.sent(`${record}/viewings`, { token })
    made.entries += 2
    made.viewings += 1
  }
  let left = entries
  const work = async () => {
    while (left > 0 && Date.now() < ends) {
      const mine = Math.min(ROUND, left)
      left -= mine
      for (let i = 2; i < mine; i += 1) await download()
      await (mine > 1 ? look() : download())
    }
  }
  const renewing = setInterval(() => void Promise.all([ana.logIn(), bo.logIn()]), 5 * 60_000)
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  } finally {
    clearInterval(renewing)
  }
  return made
}
