// What is kept shut, and the two ways to change it: each by one tap.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useMyRecord } from '../parent'
import { barsQuery, lift, type MyBar, type Shut, shut } from './queries'

export interface Wish {
  what: Shut
  /** To shut it: whether an emergency still passes. To open it again: nothing. */
  shut?: { emergencyPasses: boolean }
}

export function useChangeBars() {
  const patient = useMyRecord()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (wish: Wish) =>
      wish.shut === undefined
        ? lift(patient, wish.what)
        : shut(patient, wish.what, wish.shut.emergencyPasses),
    onSuccess: () => queries.invalidateQueries(),
  })
}

export function useBars() {
  const list = useInfiniteQuery(barsQuery(useMyRecord()))
  const bars: MyBar[] | undefined = list.data?.pages.flatMap(({ items }) => items)
  return { list, bars }
}

/** Whether I bar this doctor; undefined while that is not known. */
export function useIsBarred(doctor: string): boolean | undefined {
  const { bars } = useBars()
  return bars?.some(
    ({ kind, whom }) => kind === 'barred' && whom?.kind === 'doctor' && whom.doctor === doctor,
  )
}
