// Letting somebody in: who, what, for how long, in one sentence, then the code.
import { Button, Card, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { Proof } from '../../api/step-up'
import { useMe } from '../../app/people'
import { useTexts } from '../../app/texts'
import { ProofForm } from '../../everyone/passkeys/proof-form'
import { useHasPasskey } from '../../everyone/passkeys/queries'
import { RefusalAlert } from '../../ui/refusal-alert'
import { useMyRecord } from '../parent'
import { HowLong } from './how-long'
import { firstWish, type NewConsent, order, type Wish } from './order'
import { Preview } from './preview'
import { ask, doctorQuery, give } from './queries'
import { useSentence } from './sentence'
import { grantTexts } from './texts'
import { What } from './what'
import { Who } from './who'

/** An order whose code is awaited: what is confirmed is what was shown. */
interface Asked {
  body: NewConsent
  sentence: string
  challenge: string
  key: string
}

export function GrantPage() {
  const say = useTexts(grantTexts)
  const { doctor, report } = useSearch({ from: '/patient/grant' })
  const patient = useMyRecord()
  const [wish, setWish] = useState<Wish>({
    ...firstWish,
    doctor,
    ...(report !== undefined && { preset: 'this_report_only', report }),
  })
  const [asked, setAsked] = useState<Asked>()
  const change = (part: Partial<Wish>) => setWish((before) => ({ ...before, ...part }))
  const { data: chosen } = useQuery({
    ...doctorQuery(wish.doctor ?? ''),
    enabled: wish.doctor !== undefined,
  })
  const sentence = useSentence(wish, chosen?.name)
  const asking = useMutation({
    mutationFn: async () => {
      const body = order(wish, new Date())
      if (body === undefined || sentence === undefined) return
      const challenge = await ask(patient, body)
      setAsked({ body, sentence, challenge, key: crypto.randomUUID() })
    },
  })
  if (asked) {
    return <Confirm asked={asked} setAsked={setAsked} patient={patient} />
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        asking.mutate()
      }}
    >
      <Stack gap="lg">
        <Title order={1} size="h2">
          {say('title')}
        </Title>
        <Who wish={wish} change={change} chosen={chosen} />
        <What wish={wish} change={change} />
        <HowLong wish={wish} change={change} />
        <Card withBorder padding="md" bg="var(--mantine-color-lake-light)">
          <Stack gap="xs">
            <Text fw={600} role="status" data-sentence>
              {sentence ?? say('missing')}
            </Text>
            {asking.isError || <Preview wish={wish} />}
            <Text size="sm">{say('revocable')}</Text>
          </Stack>
        </Card>
        {asking.isError && <RefusalAlert error={asking.error} />}
        <Button type="submit" disabled={sentence === undefined} loading={asking.isPending}>
          {say('next')}
        </Button>
      </Stack>
    </form>
  )
}

interface ConfirmProps {
  asked: Asked
  setAsked: (asked: Asked | undefined) => void
  patient: string
}

function Confirm({ asked, setAsked, patient }: ConfirmProps) {
  const say = useTexts(grantTexts)
  const { email } = useMe()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const hasPasskey = useHasPasskey()
  const confirm = async (proof: Proof) => {
    await give(patient, asked.body, asked, proof)
    await queries.invalidateQueries()
    await navigate({ to: '/patient' })
  }
  return (
    <Stack maw={520}>
      <Title order={1} size="h2">
        {say('codeTitle')}
      </Title>
      <Card withBorder padding="md" bg="var(--mantine-color-lake-light)">
        <Text fw={600}>{asked.sentence}</Text>
      </Card>
      <ProofForm
        challenge={asked.challenge}
        words={say('codeWords', { email })}
        confirm={say('confirm')}
        code={(code) => confirm({ code })}
        passkey={hasPasskey ? (passkey) => confirm({ passkey }) : undefined}
        restart={async () => setAsked({ ...asked, challenge: await ask(patient, asked.body) })}
      />
      <Button variant="subtle" onClick={() => setAsked(undefined)}>
        {say('edit')}
      </Button>
    </Stack>
  )
}
