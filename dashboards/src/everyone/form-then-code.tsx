// A form whose sending is confirmed by what answers a challenge; what was filled in stays until that is done.
import { Button, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { RefusalAlert } from '../ui/refusal-alert'
import { ProofForm } from './passkeys/proof-form'
import { passkeysWork } from './passkeys/queries'

export interface Asked {
  challenge: string
  /** Whether a passkey may answer it. */
  passkey: boolean
}

interface Props {
  /** The fields, told what is wrong with them. */
  fields: (trouble: unknown) => ReactNode
  next: string
  /** Sends the form; nothing where nothing more is asked. */
  send: () => Promise<Asked | undefined>
  /** What the code is for, and where it was sent. */
  words: string
  code: (challenge: string, code: string) => Promise<void>
  passkey?: (challenge: string, passkey: Record<string, unknown>) => Promise<void>
  /** Back to the form. */
  back: string
}

export function FormThenCode({ fields, next, send, words, code, passkey, back }: Props) {
  const [asked, setAsked] = useState<Asked>()
  const sending = useMutation({ mutationFn: send, onSuccess: setAsked })
  if (asked !== undefined) {
    const { challenge } = asked
    const may = passkey && asked.passkey && passkeysWork()
    return (
      <Stack>
        <ProofForm
          challenge={challenge}
          words={words}
          code={(given) => code(challenge, given)}
          passkey={may ? (given) => passkey(challenge, given) : undefined}
          restart={sending.mutateAsync}
        />
        <Button variant="subtle" onClick={() => setAsked(undefined)}>
          {back}
        </Button>
      </Stack>
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        sending.mutate()
      }}
    >
      <Stack>
        {fields(sending.error)}
        {sending.isError && <RefusalAlert error={sending.error} />}
        <Button type="submit" loading={sending.isPending}>
          {next}
        </Button>
      </Stack>
    </form>
  )
}
