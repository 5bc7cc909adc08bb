// What I keep shut, first on the start page: one switch for the whole record, and who is kept out.
import { Button, Card, Group, Stack, Switch, Text } from '@mantine/core'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { MoreButton } from '../../ui/more'
import { RefusalAlert } from '../../ui/refusal-alert'
import type { MyBar, Shut } from './queries'
import { barTexts } from './texts'
import { useBars, useChangeBars } from './use-bars'

export function KeptShut() {
  const { list, bars } = useBars()
  if (list.isError) return <RefusalAlert error={list.error} again={() => void list.refetch()} />
  if (bars === undefined) return null
  return (
    <Stack gap="sm">
      <Closing closed={bars.find(({ kind }) => kind === 'record')} />
      {bars.map((bar) => {
        const what = shutBy(bar)
        return what && <OneBar key={JSON.stringify(what)} bar={bar} what={what} />
      })}
      <MoreButton list={list} />
    </Stack>
  )
}

/** What lifts it; none of the closed record, which has its switch. */
function shutBy({ kind, whom, report }: MyBar): Shut | undefined {
  if (kind === 'barred' && whom) return { kind, whom }
  if (kind === 'report' && whom && report) return { kind, whom, report }
  return undefined
}

const RECORD: Shut = { kind: 'record' }

/** The one switch. */
function Closing({ closed }: { closed: MyBar | undefined }) {
  const say = useTexts(barTexts)
  const { dateTime } = useWritten()
  const change = useChangeBars()
  const set = (is: boolean, emergencyPasses: boolean) =>
    change.mutate(is ? { what: RECORD, shut: { emergencyPasses } } : { what: RECORD })
  return (
    <Card withBorder padding="md" component="section" aria-label={say('record')} data-closing>
      <Stack gap="sm">
        {closed && (
          <Text fw={650} role="status">
            {say('isClosed', { time: dateTime(closed.since) })}
          </Text>
        )}
        <Switch
          label={say('close')}
          description={say('closeText')}
          checked={closed !== undefined}
          disabled={change.isPending}
          onChange={(event) => set(event.currentTarget.checked, true)}
        />
        {closed && (
          <Switch
            label={say('emergency')}
            description={say('emergencyText')}
            checked={closed.emergency_passes}
            disabled={change.isPending}
            onChange={(event) => set(true, event.currentTarget.checked)}
          />
        )}
        {change.isError && <RefusalAlert error={change.error} />}
      </Stack>
    </Card>
  )
}

function OneBar({ bar, what }: { bar: MyBar; what: Shut }) {
  const say = useTexts(barTexts)
  const change = useChangeBars()
  const who = bar.name ?? say('somebody')
  const title = bar.title ?? say('aReport')
  return (
    <Card withBorder padding="sm" component="article" aria-label={who} data-bar={bar.kind}>
      <Group justify="space-between" gap="xs">
        <Stack gap={2} flex={1} miw={0}>
          <Text>
            {bar.kind === 'barred' ? say('isBarred', { who }) : say('isHidden', { title, who })}
          </Text>
          <Text size="sm" c="dimmed">
            {say(bar.emergency_passes ? 'passes' : 'passesNot')}
          </Text>
        </Stack>
        <Group gap="xs" className="no-print">
          <Button
            variant="subtle"
            size="compact-sm"
            disabled={change.isPending}
            onClick={() =>
              change.mutate({ what, shut: { emergencyPasses: !bar.emergency_passes } })
            }
          >
            {say(bar.emergency_passes ? 'letNoEmergency' : 'letEmergency')}
          </Button>
          <Button
            variant="light"
            size="compact-md"
            loading={change.isPending}
            onClick={() => change.mutate({ what })}
          >
            {say(bar.kind === 'barred' ? 'lift' : 'unhide')}
          </Button>
        </Group>
      </Group>
      {change.isError && <RefusalAlert error={change.error} />}
    </Card>
  )
}
