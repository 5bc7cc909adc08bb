// The session is over while a screen is open: whoever it was signs in again above it, and what they had
// filled in is still there.
import { Button, Modal, Stack, Text } from '@mantine/core'
import { useRouter } from '@tanstack/react-router'
import { useSyncExternalStore } from 'react'
import { isSessionLost, watchSession } from '../api/session'
import { LoginSteps } from '../everyone/login/steps'
import { forgetEverything, type Me, meQuery, queries } from './people'
import { useTexts } from './texts'
import { shellTexts } from './words'

export function LoginAgain() {
  const say = useTexts(shellTexts)
  const lost = useSyncExternalStore(watchSession, isSessionLost)
  const router = useRouter()
  const before = queries.getQueryData<Me | null>(meQuery.queryKey)
  const leave = () => {
    forgetEverything()
    void router.navigate({ to: '/login' })
  }
  const goOn = async (me: Me) => {
    if (before && before.account !== me.account) {
      queries.clear()
      queries.setQueryData(meQuery.queryKey, me)
      await router.navigate({ to: '/' })
      return
    }
    queries.setQueryData(meQuery.queryKey, me)
    await queries.invalidateQueries()
  }
  return (
    <Modal
      opened={lost}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={say('lostTitle')}
    >
      <Stack>
        <Text>{say('lostText')}</Text>
        <LoginSteps {...(before && { email: before.email })} done={goOn} />
        <Button variant="subtle" onClick={leave}>
          {say('somebodyElse')}
        </Button>
      </Stack>
    </Modal>
  )
}
