// Everything that happened in my record, newest first: chosen by time, kind, person and report, to read, save and print.
import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Loading } from '../../app/shell'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { WholeProof } from '../../proofs/entry-proof'
import { Icon } from '../../ui/icon'
import { RefusalAlert } from '../../ui/refusal-alert'
import { save } from '../../ui/save'
import { useMyRecord } from '../parent'
import { type Choice, filterOf } from './choice'
import { Days } from './days'
import { Filters } from './filters'
import { historyQuery, historyTable, type Page } from './queries'
import { historyTexts } from './texts'
import { Timeline } from './timeline'

export function HistoryPage() {
  const say = useTexts(historyTexts)
  const { number } = useWritten()
  const patient = useMyRecord()
  const choice = useSearch({ from: '/patient/history' })
  const navigate = useNavigate()
  const choose = (next: Choice) =>
    void navigate({ to: '/patient/history', search: next, replace: true })
  const filter = useMemo(() => filterOf(choice, Date.now()), [choice])
  const list = useInfiniteQuery(historyQuery(patient, filter))
  const pages = list.data?.pages ?? NONE
  const visits = useVisits(pages)
  const read = pages.reduce((sum, { items }) => sum + items.length, 0)
  const total = pages[0]?.total
  const table = useMutation({
    mutationFn: () => historyTable(patient, filter),
    onSuccess: (written) => save('medlock-history.csv', written, 'text/csv'),
  })
  const { reading, print } = usePrint(list, filter)
  const [asks, setAsks] = useState(false)
  return (
    <Stack>
      <Title order={1} size="h2">
        {say('title')}
      </Title>
      <Filters choice={choice} choose={choose} pages={pages} />
      {list.isError && <RefusalAlert error={list.error} again={() => void list.refetch()} />}
      {table.isError && <RefusalAlert error={table.error} />}
      <Group justify="space-between">
        <Text c="dimmed" role="status">
          {total !== undefined && say('shown', { count: total, number: number(total) })}
        </Text>
        <Group gap="xs" className="no-print">
          <Button
            variant="light"
            size="sm"
            disabled={!total}
            loading={table.isPending}
            leftSection={<Icon name="down" size={18} />}
            onClick={() => table.mutate()}
          >
            {say('csv')}
          </Button>
          <Button
            variant="light"
            size="sm"
            disabled={!total}
            leftSection={<Icon name="print" size={18} />}
            onClick={print}
          >
            {reading ? say('readSoFar', { count: number(read) }) : say('print')}
          </Button>
          <Button
            variant="light"
            size="sm"
            leftSection={<Icon name="shield" size={18} />}
            aria-expanded={asks}
            onClick={() => setAsks(!asks)}
          >
            {say('isWhole')}
          </Button>
        </Group>
      </Group>
      {asks && <WholeProof patient={patient} />}
      {total !== undefined && read < total && (
        <Text className="only-print">
          {say('printedPart', { read: number(read), total: number(total) })}
        </Text>
      )}
      {list.isPending && <Loading />}
      {total === 0 && (
        <Text>{Object.keys(filter).length === 0 ? say('none') : say('noneHere')}</Text>
      )}
      <Days visits={visits} many={read} more={list} />
    </Stack>
  )
}

const NONE: Page[] = []

/** The pages' visits; a further page goes on where the last one ended, and nothing is told anew. */
function useVisits(pages: Page[]) {
  const told = useRef({ pages: NONE, timeline: new Timeline() })
  return useMemo(() => {
    const goesOn = told.current.pages.every((page, i) => page === pages[i])
    if (!goesOn) told.current = { pages: NONE, timeline: new Timeline() }
    const { pages: before, timeline } = told.current
    for (const { items } of pages.slice(before.length)) timeline.take(items)
    told.current = { pages, timeline }
    return [...timeline.visits]
  }, [pages])
}

interface Pages {
  hasNextPage: boolean
  isError: boolean
  fetchNextPage: () => Promise<Pages>
}

/** A print has all that the filter lets through: what is not there yet is read first. */
function usePrint(list: Pages, filter: object) {
  const [reading, setReading] = useState(false)
  const wanted = useRef<object>(undefined)
  useEffect(
    () => () => {
      // Another choice, or another screen, is not what was to be printed.
      if (wanted.current === filter) wanted.current = undefined
      setReading(false)
    },
    [filter],
  )
  const print = async () => {
    wanted.current = filter
    setReading(true)
    let at = list
    while (at.hasNextPage && !at.isError && wanted.current === filter) at = await at.fetchNextPage()
    if (wanted.current !== filter) return
    setReading(false)
    if (!at.isError) window.print()
  }
  return { reading, print: () => void (reading || print()) }
}
