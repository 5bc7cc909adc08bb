// One patient who let me in: the reports I may ask for, and adding one.
import { Alert, Badge, Button, Card, Group, Select, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Loading } from '../../app/shell'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { BackLink } from '../../ui/back'
import { MoreButton } from '../../ui/more'
import { categoryTexts, purposeTexts } from '../../ui/record-texts'
import { RefusalAlert } from '../../ui/refusal-alert'
import { openViewing } from '../viewing/opening'
import { AddReport } from './add'
import { Open } from './page'
import { type ListedReport, type Purpose, patientsQuery, reportsOfQuery } from './queries'
import { patientsTexts } from './texts'

/** What a doctor can ask for where no consent says it: the purposes of care first. */
const PURPOSES: Purpose[] = [
  'TREAT',
  'CAREMGT',
  'HRESCH',
  'HOPERAT',
  'HPAYMT',
  'COVERAGE',
  'PUBHLTH',
]

export function PatientPage() {
  const say = useTexts(patientsTexts)
  const { patient } = useParams({ from: '/doctor/patients/$patient' })
  const known = useInfiniteQuery(patientsQuery)
  const me = known.data?.pages.flatMap(({ items }) => items).find((one) => one.patient === patient)
  const list = useInfiniteQuery(reportsOfQuery(patient))
  const reports = list.data?.pages.flatMap(({ items }) => items)
  const agreed = [...new Set(me?.consents.map(({ purpose }) => purpose))]
  return (
    <Stack>
      <BackLink to="/doctor" />
      <Title order={1} size="h2">
        {me ? say('reportsOf', { name: me.name }) : say('reports')}
      </Title>
      {me && <Open consents={me.consents} />}
      {me?.consents.length === 0 && <Alert color="yellow">{say('over')}</Alert>}
      {list.isError && <RefusalAlert error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Loading />}
      {reports?.length === 0 && <Text>{say('noReports')}</Text>}
      {reports?.map((report) => (
        <ReportCard key={report.report} patient={patient} report={report} agreed={agreed} />
      ))}
      <MoreButton list={list} />
      {me && me.consents.length > 0 && <AddReport patient={patient} />}
    </Stack>
  )
}

interface CardProps {
  patient: string
  report: ListedReport
  agreed: Purpose[]
}

function ReportCard({ patient, report, agreed }: CardProps) {
  const say = useTexts(patientsTexts)
  const category = useTexts(categoryTexts)
  const { date } = useWritten()
  const who = report.uploaded_by_name
  const when = date(report.uploaded_at)
  return (
    <Card withBorder padding="md" component="article" aria-label={report.title}>
      <Stack gap="xs">
        <Text fw={600} className="words">
          {report.title}
        </Text>
        <Group gap="xs">
          <Badge variant="light" color="gray" c="var(--mantine-color-text)" tt="none">
            {category(report.category)}
          </Badge>
          <Text size="sm" c="dimmed">
            {who ? say('by', { who, when }) : when}
          </Text>
        </Group>
        {report.file_trouble ? (
          <Text c="var(--mantine-color-error)">{say(report.file_trouble)}</Text>
        ) : report.can_be_shown ? (
          <Look patient={patient} report={report} agreed={agreed} />
        ) : (
          <Text size="sm">{say('cannotShow')}</Text>
        )}
      </Stack>
    </Card>
  )
}

/** Asks for the report under a purpose; a "no" names its rule and the way forward. */
function Look({ patient, report, agreed }: CardProps) {
  const say = useTexts(patientsTexts)
  const purposeWords = useTexts(purposeTexts)
  const navigate = useNavigate()
  const [chosen, setChosen] = useState<Purpose>()
  const purpose = chosen ?? agreed[0] ?? 'TREAT'
  const choices = [...new Set([...agreed, ...PURPOSES])]
  const opening = useMutation({
    mutationFn: () => openViewing({ patient, report: report.report, title: report.title, purpose }),
    onSuccess: (viewing) =>
      navigate({
        to: '/doctor/viewings/$patient/$viewing',
        params: { patient, viewing },
        search: { page: 1 },
      }),
  })
  return (
    <Stack gap="xs">
      <Group align="end" gap="xs">
        <Select
          label={say('askFor')}
          data={choices.map((code) => ({ value: code, label: purposeWords(code) }))}
          value={purpose}
          onChange={(code) => setChosen((code ?? 'TREAT') as Purpose)}
          allowDeselect={false}
          size="sm"
        />
        <Button size="sm" loading={opening.isPending} onClick={() => opening.mutate()}>
          {say('look')}
        </Button>
      </Group>
      {opening.isError && <RefusalAlert error={opening.error} />}
    </Stack>
  )
}
