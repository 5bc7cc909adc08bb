// Where a patient begins: who can see my record now, and how to end that.
import { Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Loading } from '../../app/shell'
import { useTexts } from '../../app/texts'
import { Icon } from '../../ui/icon'
import { AnchorLink, ButtonLink } from '../../ui/links'
import { MoreButton } from '../../ui/more'
import { RefusalAlert } from '../../ui/refusal-alert'
import { KeptShut } from '../bars/kept-shut'
import { ConsentCard, isLive } from '../consents/card'
import { consentsQuery, type MyConsent } from '../consents/queries'
import { StoppedNotice } from '../consents/stopped'
import { Lately } from '../history/lately'
import { useMyRecord } from '../parent'
import { homeTexts } from './texts'

export function HomePage() {
  const say = useTexts(homeTexts)
  const [stopped, setStopped] = useState<MyConsent>()
  return (
    <Stack gap="xl">
      <Stack>
        <Title order={1} size="h2">
          {say('title')}
        </Title>
        <StoppedNotice consent={stopped} />
        <KeptShut />
        <Now stopped={setStopped} />
        <Group className="no-print">
          <ButtonLink to="/patient/grant" leftSection={<Icon name="key" size={20} />}>
            {say('letIn')}
          </ButtonLink>
          <ButtonLink
            to="/patient/reports/new"
            variant="light"
            leftSection={<Icon name="plus" size={20} />}
          >
            {say('upload')}
          </ButtonLink>
        </Group>
      </Stack>
      <Resting stopped={setStopped} />
      <Lately />
    </Stack>
  )
}

interface ListProps {
  stopped: (consent: MyConsent) => void
}

function Now({ stopped }: ListProps) {
  const say = useTexts(homeTexts)
  const list = useInfiniteQuery(consentsQuery(useMyRecord(), 'in_force'))
  if (list.isError) return <RefusalAlert error={list.error} again={() => void list.refetch()} />
  if (list.isPending) return <Loading />
  const total = list.data.pages[0]?.total ?? 0
  if (total === 0) {
    return (
      <Stack gap={4}>
        <Text size="xl" fw={650}>
          {say('nobody')}
        </Text>
        <Text c="dimmed">{say('nobodyText')}</Text>
      </Stack>
    )
  }
  return (
    <Stack>
      <Text size="xl" fw={650} role="status">
        {say('count', { count: people(list.data.pages, total) })}
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {list.data.pages.flatMap(({ items }) =>
          items.map((consent) => (
            <ConsentCard key={consent.consent} consent={consent} stopped={stopped} />
          )),
        )}
      </SimpleGrid>
      <MoreButton list={list} />
    </Stack>
  )
}

/** How many there are behind the consents: one may have several. */
function people(pages: { items: MyConsent[] }[], total: number): number {
  const consents = pages.flatMap(({ items }) => items)
  const distinct = new Set(consents.map(({ grantee }) => JSON.stringify(grantee))).size
  return distinct + (total - consents.length)
}

/** What opens nothing at this moment and may again. */
function Resting({ stopped }: ListProps) {
  const say = useTexts(homeTexts)
  const list = useInfiniteQuery(consentsQuery(useMyRecord(), 'all'))
  const all = list.data?.pages.flatMap(({ items }) => items) ?? []
  const resting = all.filter((consent) => isLive(consent) && consent.state !== 'in_force')
  return (
    <Stack>
      {resting.length > 0 && (
        <>
          <Title order={2} size="h3">
            {say('later')}
          </Title>
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            {resting.map((consent) => (
              <ConsentCard key={consent.consent} consent={consent} stopped={stopped} />
            ))}
          </SimpleGrid>
        </>
      )}
      <AnchorLink to="/patient/consents" className="no-print" w="fit-content">
        {say('all')}
      </AnchorLink>
    </Stack>
  )
}
