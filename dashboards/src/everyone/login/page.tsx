// Logging in.
import { Anchor, Divider, Stack, Text } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { homeOf } from '../../app/people'
import { useTexts } from '../../app/texts'
import { NarrowPage } from '../../ui/narrow'
import { LoginSteps } from './steps'
import { loginTexts } from './texts'

export function LoginPage() {
  const say = useTexts(loginTexts)
  const { next } = useSearch({ from: '/login' })
  const navigate = useNavigate()
  return (
    <NarrowPage title={say('title')}>
      <LoginSteps done={(me) => navigate({ to: next ?? homeOf(me), replace: true })} />
      <Divider />
      <Stack gap="xs">
        <Text size="sm">{say('noAccount')}</Text>
        <Anchor component={Link} to="/register">
          {say('register')}
        </Anchor>
        <Anchor component={Link} to="/register/doctor">
          {say('registerDoctor')}
        </Anchor>
        <Anchor component={Link} to="/check">
          {say('check')}
        </Anchor>
      </Stack>
    </NarrowPage>
  )
}
