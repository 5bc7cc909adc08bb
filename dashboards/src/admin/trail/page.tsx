// The audit log: every event, without a word of what it is about.
import { Button, Code, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Loading } from '../../app/shell'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { MoreButton } from '../../ui/more'
import { RefusalAlert } from '../../ui/refusal-alert'
import { type TrailFilter, type TrailLine, trailQuery } from './queries'
import { trailTexts } from './texts'

export function TrailPage() {
  const say = useTexts(trailTexts)
  const { number } = useWritten()
  const filter = useSearch({ from: '/admin/trail' })
  const list = useInfiniteQuery(trailQuery(filter))
  const lines = list.data?.pages.flatMap(({ items }) => items)
  const total = list.data?.pages[0]?.total
  return (
    <Stack>
      <Title order={1} size="h2">
        {say('title')}
      </Title>
      <Text>{say('intro')}</Text>
      <Filter key={JSON.stringify(filter)} filter={filter} />
      {list.isError && <RefusalAlert error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Loading />}
      {total !== undefined && <Text role="status">{say('total', { count: number(total) })}</Text>}
      {lines?.length === 0 && <Text>{say('none')}</Text>}
      {lines && lines.length > 0 && <Lines lines={lines} />}
      <MoreButton list={list} />
    </Stack>
  )
}

function Filter({ filter }: { filter: TrailFilter }) {
  const say = useTexts(trailTexts)
  const navigate = useNavigate()
  const [wish, setWish] = useState(filter)
  const field = (name: keyof TrailFilter, hint: string) => (
    <TextInput
      label={say(name)}
      placeholder={hint}
      value={wish[name] ?? ''}
      onChange={(event) => setWish({ ...wish, [name]: event.currentTarget.value.trim() })}
      spellCheck={false}
      flex="1 1 180px"
    />
  )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void navigate({ to: '/admin/trail', search: wish })
      }}
    >
      <Group align="end" gap="xs">
        {field('type', 'consent.granted')}
        {field('actor', 'doctor:…')}
        {field('stream', 'patient-…')}
        <Button type="submit" variant="light">
          {say('look')}
        </Button>
        {Object.keys(filter).length > 0 && (
          <Button
            variant="subtle"
            onClick={() => void navigate({ to: '/admin/trail', search: {} })}
          >
            {say('clear')}
          </Button>
        )}
      </Group>
    </form>
  )
}

function Lines({ lines }: { lines: TrailLine[] }) {
  const say = useTexts(trailTexts)
  const { dateTime, number } = useWritten()
  return (
    <Table.ScrollContainer minWidth={720} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say('place')}</Table.Th>
            <Table.Th>{say('time')}</Table.Th>
            <Table.Th>{say('event')}</Table.Th>
            <Table.Th>{say('actor')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map(({ position, time, type, actor, stream, version, hash }) => (
            <Table.Tr key={position}>
              <Table.Td>{number(position)}</Table.Td>
              <Table.Td>{dateTime(time)}</Table.Td>
              <Table.Td>
                <Text size="sm" fw={600}>
                  {type}
                </Text>
                <Text size="xs" className="words">
                  {stream}, {say('version', { version: number(version) })}
                </Text>
                <Text size="xs" className="words">
                  {say('hash')}: <Code>{hash}</Code>
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm" className="words">
                  {actor}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
