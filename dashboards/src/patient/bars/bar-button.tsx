// Barring a doctor, and lifting that: wherever the patient meets them.
import { Button, Stack } from '@mantine/core'
import { useTexts } from '../../app/texts'
import { RefusalAlert } from '../../ui/refusal-alert'
import { barredDoctor } from './queries'
import { barTexts } from './texts'
import { useChangeBars, useIsBarred } from './use-bars'

export function BarButton({ doctor }: { doctor: string }) {
  const say = useTexts(barTexts)
  const barred = useIsBarred(doctor)
  const change = useChangeBars()
  if (barred === undefined) return null
  const what = barredDoctor(doctor)
  return (
    <Stack gap={4} align="flex-start">
      <Button
        variant="subtle"
        size="compact-sm"
        {...(barred ? {} : { color: 'red.9', c: 'var(--mantine-color-error)' })}
        loading={change.isPending}
        onClick={() => change.mutate(barred ? { what } : { what, shut: { emergencyPasses: true } })}
      >
        {say(barred ? 'lift' : 'bar')}
      </Button>
      {change.isError && <RefusalAlert error={change.error} />}
    </Stack>
  )
}
