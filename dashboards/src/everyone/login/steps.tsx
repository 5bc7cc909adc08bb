// Address and password, then a code where one is asked for. Used by the page, and above a page whose session
// is over.
import { PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Me } from '../../app/people'
import { useTexts } from '../../app/texts'
import { FormThenCode } from '../form-then-code'
import { answerCode, answerPasskey, logIn } from './queries'
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
  return (
    <FormThenCode
      fields={() => (
        <>
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
        </>
      )}
      next={say('next')}
      send={async () => {
        const step = await logIn(email.trim(), password)
        if (step.kind === 'code') return step
        await done(step.me)
        return undefined
      }}
      words={say('codeText', { email })}
      code={async (challenge, code) => done(await answerCode(challenge, code))}
      passkey={async (challenge, passkey) => done(await answerPasskey(challenge, passkey))}
      back={say('startAgain')}
    />
  )
}
