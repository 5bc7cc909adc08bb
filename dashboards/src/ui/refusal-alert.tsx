// A "no" with its words, its code and the next step. Every failed request ends here.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { refusalOf } from '../api/refusal'
import { useTexts } from '../app/texts'
import { useWritten } from '../app/when'
import { useProblemWords } from './problem-words'
import { refusalTexts } from './refusal-texts'

interface Props {
  error: unknown
  /** Tries once more, where that can help. */
  again?: () => void
}

export function RefusalAlert({ error, again }: Props) {
  const say = useTexts(refusalTexts)
  const { span } = useWritten()
  const { problem, code, retryAfter } = refusalOf(error)
  const words = useProblemWords(problem)
  return (
    <Alert color="red" variant="light" title={say('title')} role="alert">
      <Stack gap="xs">
        <Text mih="1.5em">{words}</Text>
        {problem.errors?.map(({ pointer, detail }) => (
          <Text key={pointer} size="sm">
            {pointer.slice(1)}: {detail}
          </Text>
        ))}
        {retryAfter !== undefined && <Text>{say('wait', { span: span(retryAfter * 1000) })}</Text>}
        <Group justify="space-between" gap="xs">
          <Text size="sm" c="dimmed">
            {say('code', { code })}
            {problem.trace_id ? ` · ${say('trace', { trace: problem.trace_id.slice(0, 12) })}` : ''}
          </Text>
          {again && (
            <Button variant="light" size="sm" onClick={again}>
              {say('again')}
            </Button>
          )}
        </Group>
      </Stack>
    </Alert>
  )
}
