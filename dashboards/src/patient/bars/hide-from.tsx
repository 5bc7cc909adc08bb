// One report, hidden from somebody whom I let in.
import { Button, Card, Group, Select, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTexts } from '../../app/texts'
import { RefusalAlert } from '../../ui/refusal-alert'
import { consentsQuery } from '../consents/queries'
import { useMyRecord } from '../parent'
import type { Shut } from './queries'
import { barTexts } from './texts'
import { useBars, useChangeBars } from './use-bars'

export function HideFrom({ report }: { report: string }) {
  const say = useTexts(barTexts)
  const { bars } = useBars()
  const list = useInfiniteQuery(consentsQuery(useMyRecord(), 'all'))
  const change = useChangeBars()
  const [chosen, setChosen] = useState<string | null>(null)
  const hidden = bars?.filter((bar) => bar.kind === 'report' && bar.report === report) ?? []
  const from = new Set(hidden.map(({ whom }) => JSON.stringify(whom)))
  const people = new Map<string, string>()
  for (const { grantee, grantee_name } of list.data?.pages.flatMap(({ items }) => items) ?? []) {
    if (!from.has(JSON.stringify(grantee))) people.set(JSON.stringify(grantee), grantee_name)
  }
  const what = (whom: string): Shut => ({ kind: 'report', report, whom: JSON.parse(whom) })
  return (
    <Card
      withBorder
      padding="md"
      component="section"
      aria-label={say('hideTitle')}
      className="no-print"
    >
      <Stack gap="sm">
        <Title order={2} size="h4">
          {say('hideTitle')}
        </Title>
        <Text size="sm">{say('hideText')}</Text>
        {hidden.map((bar) => (
          <Group key={JSON.stringify(bar.whom)} justify="space-between">
            <Text>{say('hiddenFrom', { who: bar.name ?? say('somebody') })}</Text>
            <Button
              variant="light"
              size="compact-md"
              disabled={change.isPending}
              onClick={() => change.mutate({ what: what(JSON.stringify(bar.whom)) })}
            >
              {say('unhide')}
            </Button>
          </Group>
        ))}
        <Group align="flex-end">
          <Select
            label={say('hideFrom')}
            data={[...people].map(([value, label]) => ({ value, label }))}
            value={chosen}
            onChange={setChosen}
            nothingFoundMessage={say('nobodyLetIn')}
            flex={1}
          />
          <Button
            variant="outline"
            disabled={chosen === null}
            loading={change.isPending}
            onClick={() => {
              if (chosen === null) return
              setChosen(null)
              change.mutate({ what: what(chosen), shut: { emergencyPasses: true } })
            }}
          >
            {say('hide')}
          </Button>
        </Group>
        {change.isError && <RefusalAlert error={change.error} />}
      </Stack>
    </Card>
  )
}
