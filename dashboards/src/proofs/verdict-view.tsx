// A verdict in words: one sentence, what is wrong, what was checked, and always what was not.
import { Alert, Button, Group, List, Loader, Progress, Stack, Text, Title } from '@mantine/core'
import { Refusal } from '../api/refusal'
import { useTexts } from '../app/texts'
import { useWritten } from '../app/when'
import { RefusalAlert } from '../ui/refusal-alert'
import { proofTexts, verdictTexts } from './texts'
import type { CheckState } from './use-check'
import type { Finding, Outcome, Said, Values, Verdict } from './verdict'

const COLOURS: Record<Outcome, string> = {
  right: 'green',
  right_in_itself: 'teal',
  wrong: 'red',
  not_looked_at: 'yellow',
}

/** A code's sentence, its times and numbers as the person's language writes them. */
function useSaid() {
  const say = useTexts(verdictTexts)
  const { dateTime, number } = useWritten()
  return ({ code, values = {} }: Said<Finding['code'] | Said['code']>) => {
    const written: Values = {}
    for (const [name, value] of Object.entries(values)) {
      written[name] = typeof value === 'number' ? number(value) : value
    }
    if (typeof values.seconds === 'number') {
      written.when = dateTime(new Date(values.seconds * 1000))
    }
    return say(code, written)
  }
}

export function VerdictView({ verdict }: { verdict: Verdict }) {
  const say = useTexts(proofTexts)
  const said = useSaid()
  const { outcome, right } = verdict
  const heads = {
    right: say('right'),
    right_in_itself: say('rightInItself'),
    wrong: say('wrong'),
    not_looked_at: say('notLookedAt'),
  }
  const words = {
    right: undefined,
    right_in_itself: say('rightInItselfText'),
    wrong: say('wrongText'),
    not_looked_at: say('notLookedAtText'),
  }
  return (
    <Stack gap="sm" data-outcome={outcome}>
      <Alert
        color={COLOURS[outcome]}
        variant="light"
        title={heads[outcome]}
        role={outcome === 'wrong' ? 'alert' : 'status'}
      >
        <Stack gap="xs">
          {right && <Text className="words">{said(right)}</Text>}
          {words[outcome] && <Text>{words[outcome]}</Text>}
        </Stack>
      </Alert>
      <Findings title={say('whatWrong')} findings={verdict.wrong} />
      <Findings title={say('whatUnread')} findings={verdict.couldNotLook} />
      <Lines title={say('checked')} lines={verdict.checked.map(said)} />
      <Lines title={say('notChecked')} lines={verdict.notChecked.map(said)} />
    </Stack>
  )
}

function Findings({ title, findings }: { title: string; findings: Finding[] }) {
  const say = useTexts(proofTexts)
  const said = useSaid()
  const { number } = useWritten()
  const lines = findings.map((finding) => {
    const { position } = finding
    if (position === undefined) return said(finding)
    return say('atPlace', { position: number(position), what: said(finding) })
  })
  return <Lines title={title} lines={lines} />
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  if (lines.length === 0) return null
  return (
    <Stack gap={4}>
      <Title order={3} size="h6">
        {title}
      </Title>
      <List size="sm" spacing={2}>
        {[...new Set(lines)].map((line) => (
          <List.Item key={line} className="words">
            {line}
          </List.Item>
        ))}
      </List>
    </Stack>
  )
}

/** Whatever a check is at. */
export function CheckView({ state, stop }: { state: CheckState; stop: () => void }) {
  const say = useTexts(proofTexts)
  const { number } = useWritten()
  switch (state.at) {
    case 'rest':
      return null
    case 'verdict':
      return <VerdictView verdict={state.verdict} />
    case 'broken':
      if (state.error instanceof Refusal) return <RefusalAlert error={state.error} />
      return (
        <Alert color="red" variant="light" role="alert">
          {say('failed', { why: String(state.error) })}
        </Alert>
      )
    case 'work': {
      const { done, all } = state
      return (
        <Stack gap="xs" role="status">
          <Group gap="sm">
            <Loader size="xs" />
            <Text>{say('checking')}</Text>
            <Button variant="subtle" size="compact-sm" onClick={stop}>
              {say('stop')}
            </Button>
          </Group>
          {done !== undefined && all !== undefined && (
            <>
              <Progress value={(done / Math.max(1, all)) * 100} aria-label={say('checking')} />
              <Text size="sm" c="dimmed">
                {say('progress', { done: number(done), all: number(all) })}
              </Text>
            </>
          )}
        </Stack>
      )
    }
  }
}
