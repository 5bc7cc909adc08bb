// My passkeys, on the page of my account.
import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import type { Proof } from '../../api/step-up'
import { queries, useMe } from '../../app/people'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { CodeForm } from '../../ui/code-form'
import { RefusalAlert } from '../../ui/refusal-alert'
import { ProofForm } from './proof-form'
import {
  addPasskey,
  askToRemove,
  type MadePasskey,
  makePasskey,
  passkeysQuery,
  passkeysWork,
  removePasskey,
} from './queries'
import { passkeyTexts } from './texts'
import { PasskeyTrouble } from './trouble'

export function Passkeys() {
  const say = useTexts(passkeyTexts)
  const passkeys = useQuery(passkeysQuery)
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        {say('title')}
      </Title>
      <Text c="dimmed">{say('text')}</Text>
      {passkeys.isError && (
        <RefusalAlert error={passkeys.error} again={() => void passkeys.refetch()} />
      )}
      {passkeys.data?.items.length === 0 && <Text>{say('none')}</Text>}
      {passkeys.data?.items.map((passkey) => (
        <Passkey key={passkey.passkey} passkey={passkey} />
      ))}
      {passkeysWork() ? <Adding /> : <Text>{say('notHere')}</Text>}
    </Stack>
  )
}

const changed = () => queries.invalidateQueries(passkeysQuery)

function Adding() {
  const say = useTexts(passkeyTexts)
  const { email } = useMe()
  const [made, setMade] = useState<MadePasskey>()
  const making = useMutation({ mutationFn: makePasskey, onSuccess: setMade })
  if (made !== undefined) {
    return (
      <Card withBorder padding="sm">
        <CodeForm
          challenge={made.challenge}
          words={say('confirmAdd', { email })}
          restart={making.mutateAsync}
          answer={async (code) => {
            await addPasskey(made, code)
            setMade(undefined)
            await changed()
          }}
        />
        <Button variant="subtle" onClick={() => setMade(undefined)}>
          {say('cancel')}
        </Button>
      </Card>
    )
  }
  return (
    <Stack align="flex-start">
      {making.isError && <PasskeyTrouble error={making.error} />}
      <Button variant="light" loading={making.isPending} onClick={() => making.mutate()}>
        {say('add')}
      </Button>
    </Stack>
  )
}

function Passkey({ passkey }: { passkey: Schemas['MyPasskey'] }) {
  const say = useTexts(passkeyTexts)
  const { dateTime } = useWritten()
  const { email } = useMe()
  const [challenge, setChallenge] = useState<string>()
  const asking = useMutation({
    mutationFn: () => askToRemove(passkey.passkey),
    onSuccess: setChallenge,
  })
  const remove = async (proof: Proof) => {
    await removePasskey(passkey.passkey, challenge ?? '', proof)
    await changed()
  }
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between">
        <Stack gap={2}>
          <Text fw={600}>{say(`place_${passkey.place}`)}</Text>
          <Text size="sm" c="dimmed">
            {say('added', { at: dateTime(passkey.added_at) })}
          </Text>
        </Stack>
        {challenge === undefined && (
          <Button
            variant="light"
            size="sm"
            loading={asking.isPending}
            onClick={() => asking.mutate()}
          >
            {say('remove')}
          </Button>
        )}
      </Group>
      {asking.isError && <RefusalAlert error={asking.error} />}
      {challenge !== undefined && (
        <>
          <ProofForm
            challenge={challenge}
            words={say('confirmRemove', { email })}
            code={(code) => remove({ code })}
            passkey={passkeysWork() ? (answered) => remove({ passkey: answered }) : undefined}
            restart={asking.mutateAsync}
          />
          <Button variant="subtle" onClick={() => setChallenge(undefined)}>
            {say('cancel')}
          </Button>
        </>
      )}
    </Card>
  )
}
