// What must not be missed, above every screen: that this is a demonstration, that there is no connection.
import { Alert, Stack } from '@mantine/core'
import { useNetwork } from '@mantine/hooks'
import { useTexts } from './texts'
import { shellTexts } from './words'

export function Banners() {
  const say = useTexts(shellTexts)
  const { online } = useNetwork()
  if (online) return null
  return (
    <Stack gap="xs" mb="md" className="no-print" role="status">
      <Alert color="yellow" variant="light">
        {say('offline')}
      </Alert>
    </Stack>
  )
}
