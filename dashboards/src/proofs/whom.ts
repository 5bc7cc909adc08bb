// Whom somebody believes, kept on this device; and what the service itself names, for those who named nobody.
const KEPT = 'medlock.policy'

export function policyKept(): string | undefined {
  return localStorage.getItem(KEPT) ?? undefined
}

export function keepPolicy(policy: string | undefined) {
  if (policy === undefined) localStorage.removeItem(KEPT)
  else localStorage.setItem(KEPT, policy)
}

async function served(name: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`/log/${name}`, { credentials: 'omit' })
    return answer.ok ? await answer.text() : undefined
  } catch {
    return undefined
  }
}

interface Whom {
  policy?: string
  serverKeys?: string
  serverPolicy?: string
}

/** The policy somebody named, or else the service's own word. */
export async function whom(policy = policyKept()): Promise<Whom> {
  if (policy !== undefined) return { policy }
  const [serverKeys, serverPolicy] = await Promise.all([served('keys.txt'), served('policy')])
  return {
    ...(serverKeys !== undefined && { serverKeys }),
    ...(serverPolicy !== undefined && { serverPolicy }),
  }
}

/** Where this service's log is served. */
export function ownLog(): string {
  return new URL('/log/', window.location.href).href
}
