// What answers a challenge: a passkey, for whoever has one, or the code from the letter.
import { Button, Stack } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTexts } from '../../app/texts'
import { CodeForm } from '../../ui/code-form'
import { challengeQuery, passkeyAnswer } from './queries'
import { passkeyTexts } from './texts'
import { PasskeyTrouble } from './trouble'

interface Props {
  challenge: string
  /** What is confirmed, and where the code was sent. */
  words: string
  /** Takes the code; throws a refusal. */
  code: (code: string) => Promise<void>
  /** Takes what a passkey answered, where one may answer. */
  passkey?: ((passkey: Record<string, unknown>) => Promise<void>) | undefined
  /** Begins again with what is confirmed, once the challenge is dead. */
  restart: () => Promise<unknown>
  confirm?: string
}

export function ProofForm({ challenge, words, code, passkey, restart, confirm }: Props) {
  const say = useTexts(passkeyTexts)
  // No letter goes to whoever has something stronger; until that is known, one was sent.
  const may = useQuery(challengeQuery(challenge))
  return (
    <Stack>
      {passkey && <UsePasskey challenge={challenge} answer={passkey} />}
      <CodeForm
        challenge={challenge}
        words={may.data?.letter === false ? say('noLetter') : words}
        answer={code}
        restart={restart}
        confirm={confirm}
      />
    </Stack>
  )
}

interface UseProps {
  challenge: string
  answer: (passkey: Record<string, unknown>) => Promise<void>
}

function UsePasskey({ challenge, answer }: UseProps) {
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
