// How the service does: each part, what to do where one is not well, and what runs in the background.
import { Alert, Badge, Card, Group, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Loading } from '../../app/shell'
import { sentenceFor, useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { useNow } from '../../ui/now'
import { RefusalAlert } from '../../ui/refusal-alert'
import { jobTexts } from './job-texts'
import { healthQuery, type JobLine, type Readiness } from './queries'
import { healthTexts } from './texts'

const PARTS = [
  'event_store',
  'read_models',
  'descriptors',
  'transparency_log',
  'witnesses',
  'anchors',
  'report_files',
] as const

export function HealthPage() {
  const say = useTexts(healthTexts)
  const { data, error, refetch, isPending } = useQuery(healthQuery)
  return (
    <Stack>
      <Title order={1} size="h2">
        {say('title')}
      </Title>
      {error && <RefusalAlert error={error} again={() => void refetch()} />}
      {isPending && <Loading />}
      {data && <Whole readiness={data} />}
    </Stack>
  )
}

function Whole({ readiness }: { readiness: Readiness }) {
  const say = useTexts(healthTexts)
  const { ready, healthy } = readiness
  const title = healthy ? say('well') : ready ? say('unwell') : say('notReady')
  return (
    <>
      <Alert color={healthy ? 'green' : ready ? 'yellow' : 'red'} variant="light" title={title}>
        <Text size="sm">{say('wellText')}</Text>
      </Alert>
      {PARTS.map((part) => (
        <Part key={part} part={part} said={readiness[part]} />
      ))}
      <Figures readiness={readiness} />
      <Jobs jobs={readiness.jobs} />
    </>
  )
}

function Part({ part, said }: { part: (typeof PARTS)[number]; said: string }) {
  const say = useTexts(healthTexts)
  const well = said === 'ok'
  return (
    <Card withBorder padding="sm" data-part={part}>
      <Group justify="space-between">
        <Text>{say(part)}</Text>
        <Badge color={well ? 'green' : 'red'} variant="light" tt="none">
          {well ? say('ok') : say('unwellJob')}
        </Badge>
      </Group>
      {!well && (
        <Stack gap={4}>
          <Text className="words">{said}</Text>
          <Text size="sm">{say(`do_${part}`)}</Text>
        </Stack>
      )}
    </Card>
  )
}

function Figures({ readiness }: { readiness: Readiness }) {
  const say = useTexts(healthTexts)
  const { dateTime, number } = useWritten()
  const { read_models_behind: behind, log_signed, log_published, scrubbed } = readiness
  const lines = [
    behind > 0 ? say('behind', { count: number(behind) }) : say('upToDate'),
    say('signed', { signed: number(log_signed), published: number(log_published) }),
    scrubbed ? say('scrubbed', { when: dateTime(scrubbed) }) : say('neverScrubbed'),
    say('filesRead', { count: number(readiness.report_files_read) }),
  ]
  return (
    <Stack gap={2}>
      {lines.map((line) => (
        <Text key={line} size="sm">
          {line}
        </Text>
      ))}
    </Stack>
  )
}

/** Every anchor has a job of its own, called after it. */
function told(name: string): string | undefined {
  return sentenceFor(jobTexts, name.replace(/^anchor_.*/, 'anchor'))
}

/** What to do where a job is not well. */
function nextStep(name: string) {
  switch (name.replace(/^anchor_.*/, 'anchor')) {
    case 'read_models':
      return 'do_read_models'
    case 'transparency_log':
    case 'signature_watch':
      return 'do_transparency_log'
    case 'witnesses':
      return 'do_witnesses'
    case 'anchor':
      return 'do_anchors'
    case 'scrub_of_reports':
      return 'do_report_files'
    case 'scrub':
      return 'do_scrub'
    case 'clock_doubt':
      return 'do_clock_doubt'
    default:
      return 'do_job'
  }
}

const COLOURS: Record<string, string> = { ok: 'green', waiting: 'yellow', unwell: 'red' }

function Jobs({ jobs }: { jobs: JobLine[] }) {
  const say = useTexts(healthTexts)
  const { span } = useWritten()
  const now = useNow()
  const words: Record<string, string> = {
    ok: say('ok'),
    waiting: say('waiting'),
    unwell: say('unwellJob'),
  }
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {say('jobs')}
      </Title>
      <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say('job')}</Table.Th>
              <Table.Th>{say('state')}</Table.Th>
              <Table.Th>{say('last')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {jobs.map(({ name, what, health, why, last_success: last }) => (
              <Table.Tr key={name}>
                <Table.Td>
                  <Text size="sm" fw={600}>
                    {told(name) ?? what}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {name}
                  </Text>
                  {why && (
                    <Text size="sm" className="words">
                      {why}
                    </Text>
                  )}
                  {health !== 'ok' && <Text size="sm">{say(nextStep(name), { job: name })}</Text>}
                </Table.Td>
                <Table.Td>
                  <Badge
                    color={COLOURS[health] ?? 'gray'}
                    variant="light"
                    tt="none"
                    miw="max-content"
                  >
                    {words[health] ?? health}
                  </Badge>
                </Table.Td>
                <Table.Td>
                  {last ? say('ago', { span: span(now - Date.parse(last)) }) : say('never')}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  )
}
