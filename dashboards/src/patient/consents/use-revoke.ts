// Taking a consent back, by one tap.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { useMyRecord } from '../parent'
import { type MyConsent, revoke } from './queries'

export function useRevoke(consent: MyConsent, stopped: (consent: MyConsent) => void) {
  const patient = useMyRecord()
  const queries = useQueryClient()
  const key = useRef(crypto.randomUUID())
  return useMutation({
    mutationFn: () => revoke(patient, consent.consent, key.current),
    onSuccess: async () => {
      stopped(consent)
      await queries.invalidateQueries()
    },
  })
}
