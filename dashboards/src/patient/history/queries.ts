// What happened to my record, newest first.
import { type InfiniteData, infiniteQueryOptions, type QueryClient } from '@tanstack/react-query'
import { answer, api, type Schemas } from '../../api/client'
import { atLeastSeen } from '../../api/seen'

export type Entry = Schemas['HistoryEntry']
type Page = Schemas['Listed_HistoryEntry']
type Pages = InfiniteData<Page, string | undefined>

/** Entries asked for at once. */
const AT_ONCE = 100
/** Up to so many pages all are asked again when something happened. */
const PAGES_AGAIN = 3

function page(patient: string, limit: number, cursor: string | undefined): Promise<Page> {
  const from = cursor !== undefined ? { cursor } : {}
  const params = { path: { patient }, query: { limit, ...from, ...atLeastSeen() } }
  return answer(api.GET('/api/v1/patients/{patient}/access-history', { params }))
}

export function historyQuery(patient: string, limit = AT_ONCE) {
  const queryKey = ['history', patient, limit]
  return infiniteQueryOptions({
    queryKey,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => page(patient, limit, pageParam),
    getNextPageParam: (last) => last.next ?? undefined,
    meta: {
      // A long history is not read anew for one more entry.
      refresh: async (queries: QueryClient) => {
        const known = queries.getQueryData<Pages>(queryKey)
        const fresh =
          (known?.pages.length ?? 0) > PAGES_AGAIN && (await page(patient, limit, undefined))
        const merged = known && fresh ? withNewest(known, fresh) : undefined
        if (merged) queries.setQueryData<Pages>(queryKey, merged)
        else await queries.invalidateQueries({ queryKey })
      },
    },
  })
}

/** What is known, with its newest entries as they are now; none where the two do not touch. */
export function withNewest(known: Pages, fresh: Page): Pages | undefined {
  const [first, ...rest] = known.pages
  const now = new Set(fresh.items.map(({ event }) => event))
  if (!first?.items.some(({ event }) => now.has(event))) return undefined
  const others = first.items.filter(({ event }) => !now.has(event))
  const top = { ...first, total: fresh.total, items: [...fresh.items, ...others] }
  return { ...known, pages: [top, ...rest] }
}
