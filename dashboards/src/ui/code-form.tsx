// Six digits from a letter: sent by themselves once the sixth is typed.
import { Button, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { isDead, sendCodeAnew } from '../api/step-up'
import { useTexts } from '../app/texts'
import { codeTexts } from './code-texts'
import { RefusalAlert } from './refusal-alert'

interface Props {
  challenge: string
  /** What the code is for, and where it was sent. */
  words: string
  /** Answers the challenge; throws a refusal. */
  answer: (code: string) => Promise<void>
  /** Begins again with what the code was asked for, once no letter can be had for this challenge any more. */
  restart: () => Promise<unknown>
  confirm?: string | undefined
}

export function CodeForm({ challenge, words, answer, restart, confirm }: Props) {
  const say = useTexts(codeTexts)
  const [code, setCode] = useState('')
  const answering = useMutation({
    mutationFn: answer,
    onError: () => setCode(''),
  })
  const renewing = useMutation({
    mutationFn: () =>
      sendCodeAnew(challenge).catch((error: unknown) => {
        if (!isDead(error)) throw error
        return restart()
      }),
    // At once: what is typed meanwhile is from the new letter.
    onMutate: () => {
      answering.reset()
      setCode('')
    },
  })
  const type = (text: string) => {
    const digits = text.replace(/\D/g, '').slice(0, 6)
    setCode(digits)
    if (digits.length === 6 && digits !== code && !answering.isPending) answering.mutate(digits)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (code.length === 6 && !answering.isPending) answering.mutate(code)
      }}
    >
      <Stack>
        <Text>{words}</Text>
        <TextInput
          label={say('code')}
          value={code}
          onChange={(event) => type(event.currentTarget.value)}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={12}
          data-autofocus
          autoFocus
          styles={{ input: { letterSpacing: '0.300em', fontSize: 22 } }}
        />
        {answering.isError && <RefusalAlert error={answering.error} />}
        {renewing.isError && <RefusalAlert error={renewing.error} />}
        {renewing.isSuccess && <Text role="status">{say('sent')}</Text>}
        <Button type="submit" loading={answering.isPending} disabled={code.length !== 6}>
          {confirm ?? say('confirm')}
        </Button>
        <Button variant="subtle" loading={renewing.isPending} onClick={() => renewing.mutate()}>
          {say('anew')}
        </Button>
      </Stack>
    </form>
  )
}
