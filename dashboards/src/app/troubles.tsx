// What a whole page says when there is nothing to show, or when showing it broke.
import { Stack, Text, Title } from '@mantine/core'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { ButtonLink } from '../ui/links'
import { RefusalAlert } from '../ui/refusal-alert'
import { useTexts } from './texts'
import { shellTexts } from './words'

export function NotFound() {
  const say = useTexts(shellTexts)
  return (
    <Stack align="flex-start" gap="sm" py="xl">
      <Title order={1} size="h2">
        {say('notFoundTitle')}
      </Title>
      <Text>{say('notFoundText')}</Text>
      <ButtonLink to="/">{say('home')}</ButtonLink>
    </Stack>
  )
}

export function SomethingBroke({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  const again = () => {
    reset()
    void router.invalidate()
  }
  return <RefusalAlert error={error} again={again} />
}
