// The three ways to an account: a patient's, a doctor's, and the first admin's.
import { Alert, Stack, Text } from '@mantine/core'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTexts } from '../../app/texts'
import { ButtonLink } from '../../ui/links'
import { NarrowPage } from '../../ui/narrow'
import { logIn } from '../login/queries'
import { RegistrationForm } from './form'
import { registerDoctor, registerFirstAdmin, registerPatient } from './queries'
import { registerTexts } from './texts'

export function RegisterPatientPage() {
  const say = useTexts(registerTexts)
  const navigate = useNavigate()
  return (
    <NarrowPage title={say('patientTitle')}>
      <RegistrationForm
        fields={['name', 'birth_date', 'email', 'password']}
        send={({ name, birth_date, email, password }) =>
          registerPatient({ name, birth_date, email, password })
        }
        done={async ({ email, password }) => {
          const step = await logIn(email.trim(), password)
          await navigate({ to: step.kind === 'open' ? '/patient' : '/login', replace: true })
        }}
      />
    </NarrowPage>
  )
}

export function RegisterDoctorPage() {
  const say = useTexts(registerTexts)
  const [made, setMade] = useState(false)
  return (
    <NarrowPage title={say('doctorTitle')}>
      {made ? (
        <Made words={say('doneDoctor')} />
      ) : (
        <RegistrationForm
          fields={['name', 'licence', 'issuer', 'specialty', 'specialty_text', 'email', 'password']}
          send={({ birth_date: _, ...doctor }) => registerDoctor(doctor)}
          done={async () => setMade(true)}
        />
      )}
    </NarrowPage>
  )
}

export function FirstAdminPage() {
  const say = useTexts(registerTexts)
  const { hash } = useLocation()
  const navigate = useNavigate()
  const given = hash.match(/^first-admin=(.+)$/)?.[1]
  const [token, setToken] = useState(given)
  const [made, setMade] = useState(false)
  // Whoever looks at the screen or into the history later finds no link that still works.
  useEffect(() => {
    if (given) setToken(given)
    if (hash) void navigate({ to: '/first-admin', hash: '', replace: true })
  }, [given, hash, navigate])
  if (token === undefined) {
    return (
      <NarrowPage title={say('adminTitle')}>
        <Alert color="yellow">{say('noToken')}</Alert>
      </NarrowPage>
    )
  }
  return (
    <NarrowPage title={say('adminTitle')}>
      {made ? (
        <Made words={say('doneAdmin')} />
      ) : (
        <>
          <Text>{say('adminText')}</Text>
          <RegistrationForm
            fields={['name', 'email', 'password']}
            token={token}
            send={({ name, email, password }) =>
              registerFirstAdmin({ name, email, password, token })
            }
            done={async () => setMade(true)}
          />
        </>
      )}
    </NarrowPage>
  )
}

function Made({ words }: { words: string }) {
  const say = useTexts(registerTexts)
  return (
    <Stack role="status">
      <Text>{words}</Text>
      <ButtonLink to="/login">{say('toLogin')}</ButtonLink>
    </Stack>
  )
}
