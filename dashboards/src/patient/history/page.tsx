// Everything that happened in my record, newest first: chosen by time, kind and person, to read, save and print.
import { Button, Group, SegmentedControl, Select, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { Loading } from '../../app/shell'
import { useTexts } from '../../app/texts'
import { WholeProof } from '../../proofs/entry-proof'
import { Icon } from '../../ui/icon'
import { RefusalAlert } from '../../ui/refusal-alert'
import { save } from '../../ui/save'
import { useMyRecord } from '../parent'
import { Days } from './days'
import { type Entry, historyQuery } from './queries'
import { historyTexts } from './texts'
import { beginning, type Choice, chosen, csv, kinds, ranges } from './timeline'

export function HistoryPage() {
  const say = useTexts(historyTexts)
  const search = useSearch({ from: '/patient/history' })
  const navigate = useNavigate()
  const choose = (next: Partial<Choice>) =>
    void navigate({ to: '/patient/history', search: { ...search, ...next }, replace: true })
  const choice = useMemo((): Choice => ({ who: undefined, ...search }), [search])
  const { entries, list, whole } = useEntries(choice)
  const shown = useMemo(() => chosen(entries, choice, Date.now()), [entries, choice])
  return (
    <Stack>
      <Title order={1} size="h2">
        {say('title')}
      </Title>
      <Filters choice={choice} choose={choose} entries={entries} />
      {list.isError && <RefusalAlert error={list.error} again={() => void list.refetch()} />}
      <Group justify="space-between">
        <Text c="dimmed" role="status">
          {whole
            ? say('shown', { count: shown.length })
            : say('readSoFar', { count: entries.length })}
        </Text>
        <Group gap="xs" className="no-print">
          <Button
            variant="light"
            size="sm"
            disabled={!whole || shown.length === 0}
            leftSection={<Icon name="down" size={18} />}
            onClick={() => save('medlock-history.csv', 'text/csv', csv(shown))}
          >
            {say('csv')}
          </Button>
          <Button
            variant="light"
            size="sm"
            leftSection={<Icon name="print" size={18} />}
            onClick={() => window.print()}
          >
            {say('print')}
          </Button>
        </Group>
      </Group>
      {list.isPending && <Loading />}
      {whole && shown.length === 0 && (
        <Text>{entries.length === 0 ? say('none') : say('noneHere')}</Text>
      )}
      <Days entries={shown} />
      <WholeProof patient={useMyRecord()} />
    </Stack>
  )
}

/** What was read, and the rest by itself, as far back as the choice goes: a filter never hides what was not read. */
function useEntries(choice: Choice) {
  const list = useInfiniteQuery(historyQuery(useMyRecord()))
  const entries = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data])
  const oldest = entries[entries.length - 1]
  const reached =
    oldest !== undefined && Date.parse(oldest.at) < beginning(choice.range, Date.now())
  const whole = list.isSuccess && (!list.hasNextPage || reached)
  const { fetchNextPage, isFetchingNextPage, isSuccess, isError } = list
  useEffect(() => {
    if (isSuccess && !isError && !whole && !isFetchingNextPage) void fetchNextPage()
  }, [isSuccess, isError, whole, isFetchingNextPage, fetchNextPage])
  return { entries, list, whole }
}

interface FilterProps {
  choice: Choice
  choose: (next: Partial<Choice>) => void
  entries: Entry[]
}

function Filters({ choice, choose, entries }: FilterProps) {
  const say = useTexts(historyTexts)
  const people = new Map<string, string>()
  for (const { doctor, name } of entries) {
    if (doctor) people.set(doctor, name ?? say('somebody'))
  }
  return (
    <Stack gap="xs" className="no-print">
      <SegmentedControl
        aria-label={say('range')}
        value={choice.range}
        onChange={(range) => choose({ range: range as Choice['range'] })}
        data={ranges.map((value) => ({ value, label: say(value) }))}
        fullWidth
        maw={480}
      />
      <Group grow gap="xs">
        <Select
          label={say('kind')}
          value={choice.kind}
          onChange={(kind) => choose({ kind: (kind ?? 'all') as Choice['kind'] })}
          data={kinds.map((value) => ({ value, label: say(`kind_${value}`) }))}
          allowDeselect={false}
        />
        <Select
          label={say('who')}
          value={choice.who ?? ''}
          onChange={(who) => choose({ who: who || undefined })}
          data={[
            { value: '', label: say('everybody') },
            ...[...people].map(([value, label]) => ({ value, label })),
          ]}
          allowDeselect={false}
        />
      </Group>
    </Stack>
  )
}
