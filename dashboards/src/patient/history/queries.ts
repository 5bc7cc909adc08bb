// What happened to my record, newest first: as much of it as a filter lets through.
import { type InfiniteData, infiniteQueryOptions, type QueryClient } from '@tanstack/react-query'
import { answer, api, type Schemas } from '../../api/client'
import { atLeastSeen } from '../../api/seen'
import type { Filter } from './choice'

export type Entry = Schemas['HistoryEntry']
export type Page = Schemas['Listed_HistoryEntry']
type Pages = InfiniteData<Page, string | undefined>

/** Entries asked for at once: the most there are in an answer. */
const AT_ONCE = 200
/** Up to so many pages all are asked again when something happened. */
const PAGES_AGAIN = 3

const HISTORY = '/api/v1/patients/{patient}/access-history'

interface Wanted {
  patient: string
  filter: Filter
  limit: number
}

function page({ patient, filter, limit }: Wanted, cursor: string | undefined): Promise<Page> {
  const from = cursor !== undefined ? { cursor } : {}
  const query = { limit, ...filter, ...from, ...atLeastSeen() }
  return answer(api.GET(HISTORY, { params: { path: { patient }, query } }))
}

export function historyQuery(patient: string, filter: Filter = {}, limit = AT_ONCE) {
  const wanted = { patient, filter, limit }
  const queryKey = ['history', patient, filter, limit]
  return infiniteQueryOptions({
    queryKey,
    // Whatever happens is heard; nobody reads a long history anew because time has passed.
    staleTime: Number.POSITIVE_INFINITY,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => page(wanted, pageParam),
    getNextPageParam: (last) => last.next ?? undefined,
    meta: {
      // Nor for one more entry.
      refresh: async (queries: QueryClient) => {
        const known = queries.getQueryData<Pages>(queryKey)
        const fresh = (known?.pages.length ?? 0) > PAGES_AGAIN && (await page(wanted, undefined))
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

/** Everything the filter lets through, as the service writes it for a spreadsheet. */
export async function historyTable(patient: string, filter: Filter): Promise<Blob> {
  const query = { ...filter, ...atLeastSeen() }
  const headers = { Accept: 'text/csv' }
  const params = { path: { patient }, query }
  return answer(api.GET(HISTORY, { params, headers, parseAs: 'blob' }))
}
