// Whether a patient's history is whole: fetched, and every leaf of the public log looked at, in a worker.
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTexts } from '../app/texts'
import { takeHistory } from './queries'
import { save } from './save'
import { proofTexts } from './texts'
import { useCheck } from './use-check'
import { CheckView } from './verdict-view'

export function WholeCheck({ patient }: { patient: string }) {
  const say = useTexts(proofTexts)
  const { state, start, stop } = useCheck()
  const [history, setHistory] = useState<Uint8Array>()
  const get = async () => {
    const taken = await takeHistory(patient)
    setHistory(taken)
    return taken
  }
  return (
    <Paper withBorder p="md" className="no-print">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {say('wholeTitle')}
        </Title>
        <Text>{say('wholeText')}</Text>
        <Group>
          <Button
            loading={state.at === 'work'}
            onClick={() => void start({ given: get, againstLog: true })}
          >
            {say('wholeStart')}
          </Button>
          {history && (
            <Button variant="subtle" onClick={() => save('medlock-history.tar', history)}>
              {say('wholeKeep')}
            </Button>
          )}
        </Group>
        <CheckView state={state} stop={stop} />
      </Stack>
    </Paper>
  )
}
