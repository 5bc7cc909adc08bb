// Which doctor: found by a part of the name.
import { Loader, Select, Stack, Text, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { useTexts } from '../../app/texts'
import { RefusalAlert } from '../../ui/refusal-alert'
import { BarButton } from '../bars/bar-button'
import type { Wish } from './order'
import { doctorsQuery } from './queries'
import { grantTexts } from './texts'

interface Props {
  wish: Wish
  change: (part: Partial<Wish>) => void
  chosen: Schemas['ListedDoctor'] | undefined
}

export function Who({ wish, change, chosen }: Props) {
  const say = useTexts(grantTexts)
  const [typed, setTyped] = useState('')
  const [asked] = useDebouncedValue(typed, 200)
  // A name that was chosen stands in the field: it is no search.
  const list = useQuery(doctorsQuery(asked === chosen?.name ? '' : asked))
  const found = list.data?.items ?? []
  const all =
    chosen && !found.some(({ doctor }) => doctor === chosen.doctor) ? [chosen, ...found] : found
  const byId = new Map(all.map((doctor) => [doctor.doctor, doctor]))
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {say('who')}
      </Title>
      <Select
        label={say('doctor')}
        placeholder={say('search')}
        searchable
        searchValue={typed}
        onSearchChange={setTyped}
        value={wish.doctor ?? null}
        onChange={(doctor) => change({ doctor: doctor ?? undefined })}
        data={[...byId].map(([value, { name }]) => ({ value, label: name }))}
        filter={({ options }) => options}
        nothingFoundMessage={list.isSuccess ? say('nobodyFound') : undefined}
        rightSection={list.isFetching ? <Loader size="xs" /> : undefined}
        renderOption={({ option }) => (
          <Stack gap={0}>
            <Text>{option.label}</Text>
            <Text size="sm" c="dimmed">
              {byId.get(option.value)?.specialty_text}
            </Text>
          </Stack>
        )}
      />
      {list.isError && <RefusalAlert error={list.error} again={() => void list.refetch()} />}
      {chosen && (
        <>
          <Text size="sm" c="dimmed">
            {chosen.specialty_text}
          </Text>
          <BarButton doctor={chosen.doctor} />
        </>
      )}
    </Stack>
  )
}
