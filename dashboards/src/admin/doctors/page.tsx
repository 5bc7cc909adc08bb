// The queue of doctors who wait to be verified, and those who were: each step with its note.
import { Button, Card, Group, Modal, Stack, Tabs, Text, Textarea, Title } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Loading } from '../../app/shell'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { troubleWith } from '../../ui/fields'
import { MoreButton } from '../../ui/more'
import { RefusalAlert } from '../../ui/refusal-alert'
import {
  doctorsQuery,
  type QueuedDoctor,
  STEPS,
  type Standing,
  type Step,
  takeStep,
} from './queries'
import { doctorsTexts } from './texts'

const STANDINGS: Standing[] = ['pending', 'verified', 'suspended', 'rejected']

export function DoctorsPage() {
  const say = useTexts(doctorsTexts)
  const { standing } = useSearch({ from: '/admin/' })
  const navigate = useNavigate()
  const show = (to: string | null) => {
    const chosen = STANDINGS.find((standing) => standing === to) ?? 'pending'
    void navigate({ to: '/admin', search: { standing: chosen } })
  }
  return (
    <Stack>
      <Title order={1} size="h2">
        {say('title')}
      </Title>
      <Tabs value={standing} onChange={show}>
        <Tabs.List>
          {STANDINGS.map((code) => (
            <Tabs.Tab key={code} value={code} px={{ base: 8, sm: 'md' }}>
              {say(code)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={standing} pt="md">
          <Doctors standing={standing} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}

function Doctors({ standing }: { standing: Standing }) {
  const say = useTexts(doctorsTexts)
  const list = useInfiniteQuery(doctorsQuery(standing))
  const doctors = list.data?.pages.flatMap(({ items }) => items)
  return (
    <Stack>
      {list.isError && <RefusalAlert error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Loading />}
      {doctors?.length === 0 && (
        <Text>{standing === 'pending' ? say('nonePending') : say('none')}</Text>
      )}
      {doctors?.map((doctor) => (
        <DoctorCard key={doctor.doctor} doctor={doctor} />
      ))}
      <MoreButton list={list} />
    </Stack>
  )
}

function DoctorCard({ doctor }: { doctor: QueuedDoctor }) {
  const say = useTexts(doctorsTexts)
  const { dateTime } = useWritten()
  const [step, setStep] = useState<Step>()
  const { name, licence, issuer, note } = doctor
  return (
    <Card withBorder padding="md" component="article" aria-label={name}>
      <Stack gap={6}>
        <Text fw={600} className="words">
          {name}
        </Text>
        <Text size="sm" className="words">
          {say('licence', { licence, issuer })}
        </Text>
        <Text size="sm" className="words">
          {say('specialty', { words: doctor.specialty_text })}
        </Text>
        <Text size="sm" c="dimmed">
          {say('since', { when: dateTime(doctor.since) })}
        </Text>
        {note && (
          <Text size="sm" className="words">
            {say('lastNote', { note })}
          </Text>
        )}
        {doctor.standing === 'rejected' && <Text size="sm">{say('rejectedText')}</Text>}
        <Group gap="xs">
          {STEPS[doctor.standing].map((each, index) => (
            <Button
              key={each}
              size="sm"
              variant={index === 0 ? 'filled' : 'light'}
              onClick={() => setStep(each)}
            >
              {say(each)}
            </Button>
          ))}
        </Group>
      </Stack>
      {step && <StepForm doctor={doctor} step={step} close={() => setStep(undefined)} />}
    </Card>
  )
}

interface StepProps {
  doctor: QueuedDoctor
  step: Step
  close: () => void
}

function StepForm({ doctor, step, close }: StepProps) {
  const say = useTexts(doctorsTexts)
  const queries = useQueryClient()
  const [note, setNote] = useState('')
  const taking = useMutation({
    mutationFn: () => takeStep(doctor.doctor, step, note.trim()),
    onSuccess: () => {
      close()
      return queries.invalidateQueries({ queryKey: ['doctors-standing'] })
    },
  })
  return (
    <Modal
      opened
      onClose={close}
      title={say(`${step}Title`, { name: doctor.name })}
      closeButtonProps={{ 'aria-label': say('cancel') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          taking.mutate()
        }}
      >
        <Stack>
          <Text>{say(`${step}Text`)}</Text>
          <Textarea
            label={say('note')}
            description={say('noteHint')}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value.replace(/\n/g, ' '))}
            error={troubleWith(taking.error, 'note')}
            required
            withAsterisk={false}
            maxLength={1000}
            autosize
            minRows={2}
            data-autofocus
          />
          {taking.isError && <RefusalAlert error={taking.error} />}
          <Group justify="flex-end">
            <Button variant="subtle" onClick={close}>
              {say('cancel')}
            </Button>
            <Button type="submit" loading={taking.isPending} disabled={note.trim() === ''}>
              {say(step)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
