// The "Check it" of an entry of the history: the event, its fingerprint, its proof, checked in the browser.
import { Button, Code, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Refusal } from '../api/refusal'
import { useMe } from '../app/people'
import { useTexts } from '../app/texts'
import { takeProof, takeReceipt } from './queries'
import { save } from './save'
import { proofTexts } from './texts'
import { useCheck } from './use-check'
import { CheckView } from './verdict-view'

interface Props {
  /** The entry's event and its place in the log. */
  event: string
  position: number
}

export function EntryCheck({ event, position }: Props) {
  const say = useTexts(proofTexts)
  const patient = useMe().account
  const { state, start, stop } = useCheck()
  const [receipt, setReceipt] = useState<Uint8Array>()
  const [elsewhere, setElsewhere] = useState(false)
  const get = async () => {
    try {
      const taken = await takeReceipt(patient, position)
      setReceipt(taken)
      return taken
    } catch (error) {
      // Who was shown a list of names stands in that person's own record.
      if (!(error instanceof Refusal && error.code === 'not_found')) throw error
      setElsewhere(true)
      return takeProof(position)
    }
  }
  const hash = state.at === 'verdict' ? hashOf(state.verdict.checked) : undefined
  return (
    <Stack gap="xs">
      {hash && (
        <Text size="sm" className="words">
          {say('hash')}: <Code>{hash}</Code>
        </Text>
      )}
      {elsewhere && <Text size="sm">{say('notYours')}</Text>}
      <Group gap="xs">
        <Button
          variant="light"
          size="compact-md"
          loading={state.at === 'work'}
          onClick={() => void start({ given: get, againstLog: true })}
        >
          {state.at === 'verdict' ? say('checkAgain') : say('checkIt')}
        </Button>
        {receipt && (
          <Button
            variant="subtle"
            size="compact-md"
            onClick={() => save(`event-${event}.receipt`, receipt)}
          >
            {say('keepReceipt')}
          </Button>
        )}
      </Group>
      <CheckView state={state} stop={stop} />
    </Stack>
  )
}

function hashOf(checked: { code: string; values?: Record<string, string | number> }[]) {
  return checked.find(({ code }) => code === 'checked_line')?.values?.hash
}
