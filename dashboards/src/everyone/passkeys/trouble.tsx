// What went wrong with a passkey.
import { Text } from '@mantine/core'
import { useTexts } from '../../app/texts'
import { RefusalAlert } from '../../ui/refusal-alert'
import { NoPasskeyGiven } from './queries'
import { passkeyTexts } from './texts'

/** A dialogue that was closed is no refusal: it is said more quietly. */
export function PasskeyTrouble({ error }: { error: Error }) {
  const say = useTexts(passkeyTexts)
  if (error instanceof NoPasskeyGiven) return <Text role="status">{say('notGiven')}</Text>
  return <RefusalAlert error={error} />
}
