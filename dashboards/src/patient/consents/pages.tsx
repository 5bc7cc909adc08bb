// All consents I ever gave, and one of them with its receipt.
import { Anchor, Button, Card, Group, Image, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTexts } from '../../app/texts'
import { BackLink } from '../../ui/back'
import { MoreButton } from '../../ui/more'
import { RefusalAlert } from '../../ui/refusal-alert'
import { useMyRecord } from '../parent'
import { ConsentCard } from './card'
import { consentQuery, consentsQuery, type MyConsent } from './queries'
import { StoppedNotice } from './stopped'
import { consentTexts } from './texts'

export function ConsentsPage() {
  const say = useTexts(consentTexts)
  const patient = useMyRecord()
  const list = useInfiniteQuery(consentsQuery(patient, 'all'))
  const [stopped, setStopped] = useState<MyConsent>()
  const consents = list.data?.pages.flatMap(({ items }) => items)
  return (
    <Stack>
      <BackLink to="/patient" />
      <Title order={1} size="h2">
        {say('title')}
      </Title>
      <StoppedNotice consent={stopped} />
      {list.isError && <RefusalAlert error={list.error} again={() => void list.refetch()} />}
      {consents?.length === 0 && <Text>{say('none')}</Text>}
      {consents?.map((consent) => (
        <ConsentCard key={consent.consent} consent={consent} stopped={setStopped} />
      ))}
      <MoreButton list={list} />
    </Stack>
  )
}

export function ConsentPage() {
  const say = useTexts(consentTexts)
  const patient = useMyRecord()
  const { consent: id } = useParams({ from: '/patient/consents/$consent' })
  const { data: consent } = useSuspenseQuery(consentQuery(patient, id))
  const [stopped, setStopped] = useState<MyConsent>()
  return (
    <Stack>
      <BackLink to="/patient" />
      <Title order={1} size="h2">
        {say('one')}
      </Title>
      <StoppedNotice consent={stopped} />
      <ConsentCard consent={consent} alone stopped={setStopped} />
      <Receipt patient={patient} consent={consent} />
    </Stack>
  )
}

function Receipt({ patient, consent }: { patient: string; consent: MyConsent }) {
  const say = useTexts(consentTexts)
  const [shown, setShown] = useState(false)
  const address = `/api/v1/patients/${patient}/consents/${consent.consent}/receipt`
  return (
    <Card withBorder padding="md">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {say('receipt')}
        </Title>
        <Text>{say('receiptText')}</Text>
        <Group className="no-print">
          <Anchor href={address} download>
            {say('receiptFile')}
          </Anchor>
          <Anchor href={`${address}?form=page`} target="_blank" rel="noreferrer">
            {say('receiptPage')}
          </Anchor>
          {consent.revoked_at && (
            <Anchor href={`${address}?event=revoked`} download>
              {say('revocationFile')}
            </Anchor>
          )}
          {!shown && (
            <Button variant="light" size="sm" onClick={() => setShown(true)}>
              {say('showCode')}
            </Button>
          )}
        </Group>
        {shown && (
          <Image src={`${address}?form=qr`} alt={say('codeAlt')} maw={320} bg="white" p="xs" />
        )}
      </Stack>
    </Card>
  )
}
