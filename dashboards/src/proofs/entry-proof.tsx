// Where checks stand on other screens: their code comes when somebody opens one.
import { lazy, Suspense } from 'react'

const EntryCheck = lazy(async () => ({ default: (await import('./area')).EntryCheck }))
const Whole = lazy(async () => ({ default: (await import('./area')).WholeCheck }))

/** The proof of an entry of my history. */
export function EntryProof(entry: { event: string; position: number }) {
  return (
    <Suspense fallback={null}>
      <EntryCheck {...entry} />
    </Suspense>
  )
}

/** Whether my history is whole. */
export function WholeProof({ patient }: { patient: string }) {
  return (
    <Suspense fallback={null}>
      <Whole patient={patient} />
    </Suspense>
  )
}
