// What the app holds of a session: the token that goes with every change, and whether the session was lost. The
// session itself is a cookie that no script can read.

let token: string | undefined
let lost = false
let leaving = false
const watchers = new Set<() => void>()

function tell() {
  for (const watcher of watchers) watcher()
}

export function tokenOfSession(): string | undefined {
  return token
}

/** Signed in, for the first time or again. */
export function sessionHeld(csrfToken: string | undefined) {
  token = csrfToken
  lost = false
  tell()
}

/** Signed out on purpose: nothing is asked again. */
export function sessionLeft() {
  token = undefined
  lost = false
  leaving = false
  tell()
}

/** Whether somebody is on their way out: then a session that is over is no surprise. */
export function sessionLeaving(is: boolean) {
  leaving = is
}

/** The service no longer knows the session. Whoever never had one is not told. */
export function sessionLost() {
  if (token === undefined || lost || leaving) return
  lost = true
  tell()
}

export function isSessionLost(): boolean {
  return lost
}

export function watchSession(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}
