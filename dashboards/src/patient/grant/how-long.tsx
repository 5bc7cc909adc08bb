// For how long, and how often at most.
import { Chip, Group, Stack, Switch, TextInput, Title } from '@mantine/core'
import { useTexts } from '../../app/texts'
import { lengths, type Wish } from './order'
import { grantTexts } from './texts'

interface Props {
  wish: Wish
  change: (part: Partial<Wish>) => void
}

/** As a date and time field wants it: local, to the minute. */
function local(time: number): string {
  const date = new Date(time - new Date(time).getTimezoneOffset() * 60_000)
  return date.toISOString().slice(0, 16)
}

export function HowLong({ wish, change }: Props) {
  const say = useTexts(grantTexts)
  const choose = (length: Wish['length']) => {
    const first = wish.from === '' && length === 'own'
    const now = Date.now()
    change({
      length,
      ...(first && { from: local(now), until: local(now + 7 * 86_400_000) }),
    })
  }
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {say('long')}
      </Title>
      <Chip.Group value={wish.length} onChange={(length) => choose(length as Wish['length'])}>
        <Group gap="xs">
          {lengths.map((length) => (
            <Chip key={length} value={length} size="md">
              {say(length)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {wish.length === 'own' && (
        <Group grow align="flex-start">
          <TextInput
            type="datetime-local"
            label={say('from')}
            value={wish.from}
            onChange={(event) => change({ from: event.currentTarget.value })}
          />
          <TextInput
            type="datetime-local"
            label={say('until')}
            value={wish.until}
            onChange={(event) => change({ until: event.currentTarget.value })}
          />
        </Group>
      )}
      <Switch
        label={say('limit')}
        checked={wish.viewsMax !== undefined}
        onChange={(event) => change({ viewsMax: event.currentTarget.checked ? 1 : undefined })}
        mt="xs"
      />
      {wish.viewsMax !== undefined && (
        <TextInput
          type="number"
          inputMode="numeric"
          label={say('viewsMax')}
          min={1}
          max={10_000}
          required
          withAsterisk={false}
          value={wish.viewsMax}
          onChange={(event) =>
            change({ viewsMax: Math.max(1, event.currentTarget.valueAsNumber || 1) })
          }
          maw={200}
        />
      )}
    </Stack>
  )
}
