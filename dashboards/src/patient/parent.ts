// Under this everything of the patient's stands: nobody else comes in.
import { createRoute } from '@tanstack/react-router'
import { onlyFor } from '../app/guards'
import { useMe } from '../app/people'
import { rootRoute } from '../app/root'

export const patientRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/patient',
  beforeLoad: onlyFor('patient'),
})

/** The id of my record. */
export function useMyRecord(): string {
  return useMe().account
}
