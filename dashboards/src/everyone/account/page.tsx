// Who I am here, where I am logged in, and how I like to read.
import {
  Badge,
  Button,
  Card,
  Group,
  SegmentedControl,
  Stack,
  Text,
  Title,
  useMantineColorScheme,
} from '@mantine/core'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Schemas } from '../../api/client'
import { forgetEverything, queries, useMe } from '../../app/people'
import {
  type Language,
  languages,
  sentenceFor,
  speak,
  useLanguage,
  useTexts,
} from '../../app/texts'
import { useWritten } from '../../app/when'
import { shellTexts } from '../../app/words'
import { MoreButton } from '../../ui/more'
import { RefusalAlert } from '../../ui/refusal-alert'
import { Passkeys } from '../passkeys/section'
import { endSession, logOut, sessionsQuery } from './queries'
import { accountTexts } from './texts'

export function AccountPage() {
  const say = useTexts(accountTexts)
  const me = useMe()
  const standing = me.standing ? sentenceFor(accountTexts, `standing_${me.standing}`) : undefined
  return (
    <Stack gap="lg">
      <Stack gap={4}>
        <Title order={1} size="h2">
          {say('title')}
        </Title>
        <Text fw={600}>{me.name}</Text>
        <Text c="dimmed">{say('letters', { email: me.email })}</Text>
        {standing && <Text>{standing}</Text>}
      </Stack>
      <LogOut />
      <Reading />
      <Passkeys />
      <Sessions />
    </Stack>
  )
}

function LogOut() {
  const say = useTexts(accountTexts)
  const navigate = useNavigate()
  const leaving = useMutation({
    mutationFn: logOut,
    onSuccess: async () => {
      forgetEverything()
      await navigate({ to: '/login', replace: true })
    },
  })
  return (
    <Stack align="flex-start">
      {leaving.isError && <RefusalAlert error={leaving.error} />}
      <Button variant="light" loading={leaving.isPending} onClick={() => leaving.mutate()}>
        {say('logOut')}
      </Button>
    </Stack>
  )
}

function Reading() {
  const say = useTexts(accountTexts)
  const shell = useTexts(shellTexts)
  const language = useLanguage()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Group gap="xl">
      <Stack gap={4}>
        <Text fw={600} id="language">
          {say('language')}
        </Text>
        <SegmentedControl
          aria-labelledby="language"
          value={language}
          onChange={(code) => speak(code as Language)}
          data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
        />
      </Stack>
      <Stack gap={4}>
        <Text fw={600} id="theme">
          {say('theme')}
        </Text>
        <SegmentedControl
          aria-labelledby="theme"
          value={colorScheme}
          onChange={(scheme) => setColorScheme(scheme as 'light' | 'dark' | 'auto')}
          data={(['light', 'dark', 'auto'] as const).map((value) => ({
            value,
            label: shell(value),
          }))}
        />
      </Stack>
    </Group>
  )
}

function Sessions() {
  const say = useTexts(accountTexts)
  const sessions = useInfiniteQuery(sessionsQuery)
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        {say('sessions')}
      </Title>
      <Text c="dimmed">{say('sessionsText')}</Text>
      {sessions.isError && (
        <RefusalAlert error={sessions.error} again={() => void sessions.refetch()} />
      )}
      {sessions.data?.pages.flatMap(({ items }) =>
        items.map((session) => <Session key={session.session} session={session} />),
      )}
      <MoreButton list={sessions} />
    </Stack>
  )
}

function Session({ session }: { session: Schemas['MySession'] }) {
  const say = useTexts(accountTexts)
  const { dateTime } = useWritten()
  const ending = useMutation({
    mutationFn: () => endSession(session.session),
    onSuccess: () => queries.invalidateQueries(sessionsQuery),
  })
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between">
        <Stack gap={2}>
          <Group gap="xs">
            <Text fw={600}>{say(session.client === 'browser' ? 'browser' : 'machine')}</Text>
            {session.current && (
              <Badge variant="light" tt="none">
                {say('here')}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {say('since', {
              from: dateTime(session.opened_at),
              until: dateTime(session.until),
            })}
          </Text>
        </Stack>
        {!session.current && (
          <Button
            variant="light"
            size="sm"
            loading={ending.isPending}
            onClick={() => ending.mutate()}
          >
            {say('end')}
          </Button>
        )}
      </Group>
      {ending.isError && <RefusalAlert error={ending.error} />}
    </Card>
  )
}
