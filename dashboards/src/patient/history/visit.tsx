// A visit: who, when, what; and each entry's way to what ends it.
import { Badge, Box, Card, Collapse, Group, Stack, Text, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { EntryProof } from '../../proofs/entry-proof'
import { AnchorLink } from '../../ui/links'
import { useNow } from '../../ui/now'
import { BarButton } from '../bars/bar-button'
import type { Entry } from './queries'
import { Telling } from './telling'
import { historyTexts } from './texts'
import type { Visit } from './timeline'

export function VisitCard({ visit }: { visit: Visit }) {
  const say = useTexts(historyTexts)
  const { time } = useWritten()
  const [newest, oldest] = [visit.entries[0], visit.entries[visit.entries.length - 1]]
  if (!newest || !oldest) return null
  const [from, to] = [time(oldest.at), time(endOf(newest))]
  return (
    <Card withBorder padding="sm" component="article">
      <Group gap="xs" mb={4}>
        <Text size="sm" c="dimmed">
          {from === to ? from : `${from} – ${to}`}
        </Text>
        <Text size="sm" fw={600}>
          {newest.own ? say('you') : (newest.name ?? say('somebody'))}
        </Text>
      </Group>
      <Stack gap={4}>
        {visit.entries.map((entry) => (
          <OneEntry key={entry.event} entry={entry} />
        ))}
      </Stack>
    </Card>
  )
}

/** When it was over: what ended by itself ended then, whenever that was written down. */
function endOf({ at, viewing }: Entry): string {
  if (!viewing?.ended_at) return at
  return [viewing.ended_at, viewing.until].sort()[0] ?? at
}

/** A sentence; a tap shows where it leads and how it can be checked. */
export function OneEntry({ entry }: { entry: Entry }) {
  const say = useTexts(historyTexts)
  const { time } = useWritten()
  const now = useNow()
  const [open, setOpen] = useState(false)
  const isOpenNow =
    entry.viewing && !entry.viewing.ended_at && Date.parse(entry.viewing.until) > now
  return (
    <Box data-entry={entry.kind}>
      <UnstyledButton
        onClick={() => setOpen(!open)}
        aria-expanded={open}
        w="100%"
        py={4}
        className="entry"
      >
        {entry.outcome === 'refused' && (
          <Badge variant="outline" color="gray" c="var(--mantine-color-text)" tt="none" mr={8}>
            {say('refusedMark')}
          </Badge>
        )}
        <Telling entry={entry} />
        {isOpenNow && entry.viewing && (
          <Text size="sm" fw={600}>
            {say('open', { time: time(entry.viewing.until) })}
          </Text>
        )}
      </UnstyledButton>
      <Collapse expanded={open}>{open && <Ways entry={entry} />}</Collapse>
    </Box>
  )
}

function Ways({ entry }: { entry: Entry }) {
  const say = useTexts(historyTexts)
  return (
    <Stack gap={6} pb="xs">
      <Group gap="md" className="no-print">
        {entry.consent && (
          <AnchorLink to="/patient/consents/$consent" params={{ consent: entry.consent }}>
            {say('toConsent')}
          </AnchorLink>
        )}
        {entry.report && (
          <AnchorLink to="/patient/reports/$report" params={{ report: entry.report }}>
            {say('toReport')}
          </AnchorLink>
        )}
        {entry.kind === 'refused' && entry.doctor && (
          <AnchorLink to="/patient/grant" search={{ doctor: entry.doctor }}>
            {say('letIn')}
          </AnchorLink>
        )}
        {entry.doctor && <BarButton doctor={entry.doctor} />}
      </Group>
      <Text size="sm" c="dimmed" className="long">
        {say('event', { event: entry.event, position: entry.position })}
      </Text>
      <EntryProof event={entry.event} position={entry.position} />
    </Stack>
  )
}
