// My reports, and one of them.
import { Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Loading } from '../../app/shell'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { BackLink } from '../../ui/back'
import { Icon } from '../../ui/icon'
import { AnchorLink, ButtonLink } from '../../ui/links'
import { MoreButton } from '../../ui/more'
import { categoryTexts } from '../../ui/record-texts'
import { RefusalAlert } from '../../ui/refusal-alert'
import { HideFrom } from '../bars/hide-from'
import { useMyRecord } from '../parent'
import { contentOf, type ListedReport, reportQuery, reportsQuery } from './queries'
import { reportsTexts } from './texts'

export function ReportsPage() {
  const say = useTexts(reportsTexts)
  const list = useInfiniteQuery(reportsQuery(useMyRecord()))
  const reports = list.data?.pages.flatMap(({ items }) => items)
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          {say('title')}
        </Title>
        <ButtonLink to="/patient/reports/new" leftSection={<Icon name="plus" size={20} />}>
          {say('add')}
        </ButtonLink>
      </Group>
      {list.isError && <RefusalAlert error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Loading />}
      {reports?.length === 0 && <Text>{say('none')}</Text>}
      {reports?.map((report) => (
        <ReportCard key={report.report} report={report} />
      ))}
      <MoreButton list={list} />
    </Stack>
  )
}

function ReportCard({ report }: { report: ListedReport }) {
  const category = useTexts(categoryTexts)
  return (
    <Card withBorder padding="md" component="article" aria-label={report.title}>
      <Stack gap={4}>
        <AnchorLink to="/patient/reports/$report" params={{ report: report.report }} fw={600}>
          {report.title}
        </AnchorLink>
        <Group gap="xs">
          <Badge variant="light" color="gray" c="var(--mantine-color-text)" tt="none">
            {category(report.category)}
          </Badge>
          <By report={report} />
        </Group>
        <Troubles report={report} />
      </Stack>
    </Card>
  )
}

function By({ report }: { report: ListedReport }) {
  const say = useTexts(reportsTexts)
  const { date } = useWritten()
  const time = date(report.uploaded_at)
  const who = report.uploaded_by_name
  const mine = report.uploaded_by_role === 'patient'
  return (
    <Text size="sm" c="dimmed">
      {mine || !who ? say('byMe', { time }) : say('by', { who, time })}
    </Text>
  )
}

function Troubles({ report }: { report: ListedReport }) {
  const say = useTexts(reportsTexts)
  if (report.file_trouble)
    return <Text c="var(--mantine-color-error)">{say(report.file_trouble)}</Text>
  if (!report.can_be_shown) return <Text size="sm">{say('notShown')}</Text>
  return null
}

export function ReportPage() {
  const say = useTexts(reportsTexts)
  const category = useTexts(categoryTexts)
  const { size } = useWritten()
  const patient = useMyRecord()
  const { report: id } = useParams({ from: '/patient/reports/$report' })
  const { data: report } = useSuspenseQuery(reportQuery(patient, id))
  return (
    <Stack>
      <BackLink to="/patient/reports" />
      <Title order={1} size="h2">
        {report.title}
      </Title>
      <By report={report} />
      <Text>
        {say('kind')}: {category(report.category)} · {say('size')}: {size(report.size)}
      </Text>
      <Troubles report={report} />
      <Group className="no-print">
        {!report.file_trouble && (
          <Button
            component="a"
            href={contentOf(patient, id)}
            download
            variant="light"
            leftSection={<Icon name="down" size={20} />}
          >
            {say('download')}
          </Button>
        )}
        {report.can_be_shown && (
          <ButtonLink
            to="/patient/grant"
            search={{ report: id }}
            leftSection={<Icon name="key" size={20} />}
          >
            {say('letIn')}
          </ButtonLink>
        )}
      </Group>
      <AnchorLink
        to="/patient/history"
        search={{ range: 'all', kind: 'all', report: id }}
        className="no-print"
        w="fit-content"
      >
        {say('happened')}
      </AnchorLink>
      {report.can_be_shown && <HideFrom report={id} />}
    </Stack>
  )
}
