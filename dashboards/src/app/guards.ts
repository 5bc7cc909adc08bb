// Who may open which address. The service decides about what is shown; this only leads people the right way.
import { redirect } from '@tanstack/react-router'
import { homeOf, type Me, meQuery, queries } from './people'

/** Whoever is signed in; others log in first and come back to `here`. */
export async function signedIn(here: string): Promise<Me> {
  const me = await queries.ensureQueryData(meQuery)
  if (me === null) {
    throw redirect({ to: '/login', search: here === '/' ? {} : { next: here }, replace: true })
  }
  return me
}

/** The same for one role: others begin where they belong. */
export function onlyFor(role: Me['role']) {
  return async ({ location }: { location: { href: string } }): Promise<{ me: Me }> => {
    const me = await signedIn(location.href)
    if (me.role !== role) throw redirect({ to: homeOf(me), replace: true })
    return { me }
  }
}
