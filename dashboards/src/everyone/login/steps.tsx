// Address and password, then a code where one is asked for. Used by the page, and above a page whose session
// is over.
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Me } from '../../app/people'
import { useTexts } from '../../app/texts'
import { CodeForm } from '../../ui/code-form'
import { RefusalAlert } from '../../ui/refusal-alert'
import { passkeysWork } from '../passkeys/queries'
import { UsePasskey } from '../passkeys/use'
import { answerCode, answerPasskey, type LoginStep, logIn } from './queries'
import { loginTexts } from './texts'

interface Props {
  /** The address to begin with. */
  email?: string
  done: (me: Me) => Promise<void> | void
}

export function LoginSteps({ email: first = '', done }: Props) {
  const say = useTexts(loginTexts)
  const [email, setEmail] = useState(first)
  const [password, setPassword] = useState('')
  const [asked, setAsked] = useState<LoginStep & { kind: 'code' }>()
  const entering = useMutation({
    mutationFn: async () => {
      const step = await logIn(email.trim(), password)
      if (step.kind === 'code') setAsked(step)
      else await done(step.me)
    },
  })
  if (asked !== undefined) {
    const { challenge } = asked
    return (
      <Stack>
        {asked.passkey && passkeysWork() && (
          <UsePasskey
            challenge={challenge}
            answer={async (passkey) => done(await answerPasskey(challenge, passkey))}
          />
        )}
        <CodeForm
          words={say('codeText', { email })}
          answer={async (code) => done(await answerCode(challenge, code))}
          anew={() => entering.mutateAsync()}
        />
        <Button variant="subtle" onClick={() => setAsked(undefined)}>
          {say('startAgain')}
        </Button>
      </Stack>
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        entering.mutate()
      }}
    >
      <Stack>
        <TextInput
          label={say('email')}
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={say('password')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {entering.isError && <RefusalAlert error={entering.error} />}
        <Button type="submit" loading={entering.isPending}>
          {say('next')}
        </Button>
      </Stack>
    </form>
  )
}
