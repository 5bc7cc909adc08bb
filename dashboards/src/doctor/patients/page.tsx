// Who let me in: what for, how long still, how often still.
import { Alert, Badge, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMe } from '../../app/people'
import { Loading } from '../../app/shell'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { AnchorLink } from '../../ui/links'
import { MoreButton } from '../../ui/more'
import { useNow } from '../../ui/now'
import { purposeTexts } from '../../ui/record-texts'
import { RefusalAlert } from '../../ui/refusal-alert'
import { type MyPatient, type OpenConsent, patientsQuery } from './queries'
import { patientsTexts } from './texts'

export function PatientsPage() {
  const say = useTexts(patientsTexts)
  const { standing } = useMe()
  return (
    <Stack>
      <Title order={1} size="h2">
        {say('title')}
      </Title>
      {standing && standing !== 'verified' ? (
        <Alert color="yellow" variant="light" title={say('notVerified')}>
          {say(standing)}
        </Alert>
      ) : (
        <Patients />
      )}
    </Stack>
  )
}

function Patients() {
  const say = useTexts(patientsTexts)
  const list = useInfiniteQuery(patientsQuery)
  const patients = list.data?.pages.flatMap(({ items }) => items)
  return (
    <>
      {list.isError && <RefusalAlert error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Loading />}
      {patients?.length === 0 && (
        <Alert variant="light" title={say('none')}>
          {say('noneText')}
        </Alert>
      )}
      {patients?.map((patient) => (
        <PatientCard key={patient.patient} patient={patient} />
      ))}
      <MoreButton list={list} />
    </>
  )
}

function PatientCard({ patient }: { patient: MyPatient }) {
  const say = useTexts(patientsTexts)
  return (
    <Card withBorder padding="md" component="article" aria-label={patient.name}>
      <Stack gap={6}>
        <AnchorLink to="/doctor/patients/$patient" params={{ patient: patient.patient }} fw={600}>
          {patient.name}
        </AnchorLink>
        <Open consents={patient.consents} />
        {patient.consents.length === 0 && <Text size="sm">{say('over')}</Text>}
      </Stack>
    </Card>
  )
}

/** Under which consents something is open, with the time that is left. */
export function Open({ consents }: { consents: OpenConsent[] }) {
  const say = useTexts(patientsTexts)
  const purpose = useTexts(purposeTexts)
  const { dateTime, number, span } = useWritten()
  const now = useNow()
  const lasting = consents.filter(({ until }) => Date.parse(until) > now)
  return lasting.map((consent) => {
    const { until, views_left: views } = consent
    const left = span(Date.parse(until) - now)
    const words = say('open', { purpose: purpose(consent.purpose), left, until: dateTime(until) })
    return (
      <Group key={`${consent.purpose} ${until}`} gap="xs">
        <Text size="sm">{words}</Text>
        {views !== undefined && (
          <Badge variant="light" color="gray" c="var(--mantine-color-text)" tt="none">
            {views === 0 ? say('usedUp') : say('views', { views: number(views) })}
          </Badge>
        )}
      </Group>
    )
  })
}
