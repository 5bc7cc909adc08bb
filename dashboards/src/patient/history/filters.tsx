// What of the history is wanted: when, what, by whom, about which report.
import { Button, Group, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useTexts } from '../../app/texts'
import { consentsQuery } from '../consents/queries'
import { useMyRecord } from '../parent'
import { reportQuery } from '../reports/queries'
import { type Choice, kinds, ranges } from './choice'
import type { Page } from './queries'
import { historyTexts } from './texts'

interface Props {
  choice: Choice
  choose: (choice: Choice) => void
  pages: Page[]
}

export function Filters({ choice, choose, pages }: Props) {
  const say = useTexts(historyTexts)
  const { who, report, ...always } = choice
  return (
    <Stack gap="xs" className="no-print">
      <SegmentedControl
        aria-label={say('range')}
        value={choice.range}
        onChange={(range) => choose({ ...choice, range: range as Choice['range'] })}
        data={ranges.map((value) => ({ value, label: say(value) }))}
        fullWidth
        maw={560}
      />
      {choice.range === 'own' && (
        <Group grow gap="xs" maw={560}>
          {(['from', 'until'] as const).map((end) => (
            <TextInput
              key={end}
              type="date"
              label={say(end)}
              value={choice[end] ?? ''}
              onChange={(event) => choose({ ...choice, [end]: event.currentTarget.value })}
            />
          ))}
        </Group>
      )}
      <Group grow gap="xs">
        <Select
          label={say('kind')}
          value={choice.kind}
          onChange={(kind) => choose({ ...choice, kind: (kind ?? 'all') as Choice['kind'] })}
          data={kinds.map((value) => ({ value, label: say(`kind_${value}`) }))}
          allowDeselect={false}
        />
        <Select
          label={say('who')}
          value={who ?? ''}
          onChange={(who) =>
            choose({ ...always, ...(report && { report }), ...(who ? { who } : {}) })
          }
          data={[{ value: '', label: say('everybody') }, ...useDoctors(pages, who)]}
          allowDeselect={false}
        />
      </Group>
      {report !== undefined && (
        <About report={report} clear={() => choose({ ...always, ...(who && { who }) })} />
      )}
    </Stack>
  )
}

/** Whom a consent names, and whoever else is in what was read: the one who is chosen always. */
function useDoctors(pages: Page[], chosen: string | undefined) {
  const say = useTexts(historyTexts)
  const consents = useInfiniteQuery(consentsQuery(useMyRecord(), 'all'))
  const names = new Map<string, string>()
  for (const { grantee, grantee_name: name } of consents.data?.pages.flatMap((p) => p.items) ??
    []) {
    if (grantee.kind === 'doctor') names.set(grantee.doctor, name)
  }
  for (const { doctor, name } of pages.flatMap(({ items }) => items)) {
    if (doctor) names.set(doctor, name ?? say('somebody'))
  }
  if (chosen !== undefined && !names.has(chosen)) names.set(chosen, say('somebody'))
  return [...names].map(([value, label]) => ({ value, label }))
}

function About({ report, clear }: { report: string; clear: () => void }) {
  const say = useTexts(historyTexts)
  const { data } = useQuery(reportQuery(useMyRecord(), report))
  return (
    <Group gap="xs">
      <Text size="sm" className="words">
        {say('about', { title: data?.title ?? '…' })}
      </Text>
      <Button variant="subtle" size="compact-sm" onClick={clear}>
        {say('aboutAll')}
      </Button>
    </Group>
  )
}
