// What must not be missed, above every screen: that this is a demonstration, that there is no connection.
import { Alert, Paper, Stack, Text } from '@mantine/core'
import { useNetwork } from '@mantine/hooks'
import type { Live } from './live'
import { useTexts } from './texts'
import { shellTexts } from './words'

export function Banners({ live }: { live: Live }) {
  const say = useTexts(shellTexts)
  const { online } = useNetwork()
  const synthetic =
    document.querySelector<HTMLMetaElement>('meta[name=data]')?.content === 'synthetic'
  const fine = online && live === 'live'
  if (fine && !synthetic) return null
  return (
    <Stack gap="xs" mb="md" className="banners no-print" role="status">
      {synthetic && (
        <Paper withBorder bg="var(--mantine-color-body)" p={4}>
          <Text size="sm" ta="center">
            {say('demo')}
          </Text>
        </Paper>
      )}
      {!fine && (
        <Alert color="yellow" variant="light">
          {say(online && live === 'crowded' ? 'crowded' : 'offline')}
        </Alert>
      )}
    </Stack>
  )
}
