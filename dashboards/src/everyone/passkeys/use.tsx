// A passkey in a code's place.
import { Button, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTexts } from '../../app/texts'
import { passkeyAnswer } from './queries'
import { PasskeyTrouble } from './section'
import { passkeyTexts } from './texts'

interface Props {
  challenge: string
  /** Takes what the passkey answered; throws a refusal. */
  answer: (passkey: Record<string, unknown>) => Promise<void>
}

export function UsePasskey({ challenge, answer }: Props) {
  const say = useTexts(passkeyTexts)
  const using = useMutation({
    mutationFn: async () => answer(await passkeyAnswer(challenge)),
  })
  return (
    <Stack>
      <Button loading={using.isPending} onClick={() => using.mutate()}>
        {say('use')}
      </Button>
      {using.isError && <PasskeyTrouble error={using.error} />}
    </Stack>
  )
}
