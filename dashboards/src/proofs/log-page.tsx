// The log of this service: its newest checkpoint, who has signed it, where it was taken out of the organisation.
import { Alert, Anchor, Code, Group, List, Paper, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTexts } from '../app/texts'
import { useWritten } from '../app/when'
import { RefusalAlert } from '../ui/refusal-alert'
import type { AnchorShown, LogShown } from './log-shown'
import { logQuery } from './queries'
import { proofTexts } from './texts'

export function LogPage() {
  const say = useTexts(proofTexts)
  return (
    <Stack>
      <Title order={1} size="h2">
        {say('logTitle')}
      </Title>
      <Text>{say('logIntro')}</Text>
      <LogPanel />
      <Anchor component={Link} to="/check">
        {say('title')}
      </Anchor>
    </Stack>
  )
}

/** The same without a page around it, for the admin's area. */
export function LogPanel() {
  const { data, error, refetch } = useQuery(logQuery)
  if (error) return <RefusalAlert error={error} again={() => void refetch()} />
  if (!data) return null
  return (
    <Stack>
      <CheckpointCard log={data} />
      <AnchorsCard anchors={data.anchors} />
      <FilesCard keys={data.keys} />
    </Stack>
  )
}

function CheckpointCard({ log }: { log: LogShown }) {
  const say = useTexts(proofTexts)
  const { number, dateTime } = useWritten()
  const outside = log.cosigned.length + log.claims.length
  return (
    <Paper withBorder p="md" data-events={log.size}>
      <Stack gap="xs">
        <Text className="words">
          {say('logOrigin')}: <Code>{log.origin}</Code>
        </Text>
        <Text>
          {say('logSize')}: {number(log.size)}
        </Text>
        <Text className="words">
          {say('logRoot')}: <Code>{log.root}</Code>
        </Text>
        <Text className="words">
          {say('logSigned')}: <Code>{log.signed.join(', ')}</Code>
        </Text>
        <Title order={2} size="h5">
          {say('logWitnesses')}
        </Title>
        {outside === 0 && (
          <Alert color="yellow" variant="light">
            {say('logNoWitness')}
          </Alert>
        )}
        <List size="sm">
          {log.cosigned.map(({ name, when }) => (
            <List.Item key={name}>
              {say('logCosigned', { name, when: when ? dateTime(when) : '' })}
            </List.Item>
          ))}
          {log.claims.map((name) => (
            <List.Item key={name}>{say('logClaims', { name })}</List.Item>
          ))}
        </List>
        <Text size="sm" c="dimmed">
          {say('logChecked')}
        </Text>
      </Stack>
    </Paper>
  )
}

function AnchorsCard({ anchors }: { anchors: AnchorShown[] }) {
  const say = useTexts(proofTexts)
  const { number, dateTime } = useWritten()
  const words = {
    right: say('anchorRight'),
    wrong: say('anchorWrong'),
    unread: say('anchorUnread'),
  }
  const colours = { right: 'green', wrong: 'red', unread: 'yellow' }
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Title order={2} size="h5">
          {say('anchors')}
        </Title>
        {anchors.length === 0 && <Text>{say('anchorsNone')}</Text>}
        {anchors.map(({ anchor, size, recorded, receipts, holds }) => (
          <Alert
            key={anchor}
            color={colours[holds]}
            variant="light"
            title={say('anchorRow', { anchor, size: number(size), when: dateTime(recorded) })}
          >
            <Text size="sm">{words[holds]}</Text>
            {receipts.length > 0 && (
              <>
                <Text size="sm">{say('anchorReceipt')}:</Text>
                <Code block className="words">
                  {JSON.stringify(receipts.at(-1), undefined, 1)}
                </Code>
              </>
            )}
          </Alert>
        ))}
      </Stack>
    </Paper>
  )
}

function FilesCard({ keys }: { keys: string[] }) {
  const say = useTexts(proofTexts)
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Title order={2} size="h5">
          {say('logKeys')}
        </Title>
        {keys.map((key) => (
          <Code key={key} block className="words">
            {key}
          </Code>
        ))}
        <Title order={2} size="h5">
          {say('files')}
        </Title>
        <Group>
          {['checkpoint', 'keys.txt', 'policy', 'anchors'].map((name) => (
            <Anchor key={name} href={`/log/${name}`} target="_blank">
              {`/log/${name}`}
            </Anchor>
          ))}
        </Group>
      </Stack>
    </Paper>
  )
}
