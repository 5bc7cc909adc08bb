// Logging in.
import { Divider, Stack, Text } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { homeOf } from '../../app/people'
import { useTexts } from '../../app/texts'
import { proofRoutes } from '../../proofs/routes'
import { AnchorLink } from '../../ui/links'
import { NarrowPage } from '../../ui/narrow'
import { LoginSteps } from './steps'
import { loginTexts } from './texts'

export function LoginPage() {
  const say = useTexts(loginTexts)
  const { next, email } = useSearch({ from: '/login' })
  const navigate = useNavigate()
  return (
    <NarrowPage title={say('title')}>
      <LoginSteps
        {...(email !== undefined && { email })}
        done={(me) => navigate({ to: next ?? homeOf(me), replace: true })}
      />
      <Divider />
      <Stack gap="xs">
        <Text size="sm">{say('noAccount')}</Text>
        <AnchorLink to="/register">{say('register')}</AnchorLink>
        <AnchorLink to="/register/doctor">{say('registerDoctor')}</AnchorLink>
        {proofRoutes.length > 0 && <AnchorLink to="/check">{say('check')}</AnchorLink>}
      </Stack>
    </NarrowPage>
  )
}
