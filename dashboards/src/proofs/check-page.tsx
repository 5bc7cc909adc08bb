// For anybody, without an account: checks what is dropped on it, on this device.
import {
  Anchor,
  Button,
  Checkbox,
  Divider,
  FileButton,
  Group,
  Paper,
  Stack,
  Text,
  Textarea,
  Title,
} from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTexts } from '../app/texts'
import { Drop } from '../ui/drop'
import { proofTexts } from './texts'
import { useCheck } from './use-check'
import { CheckView } from './verdict-view'
import { keepPolicy, policyKept } from './whom'

interface Given {
  name: string
  bytes: Uint8Array
}

export function CheckPage() {
  const say = useTexts(proofTexts)
  const { state, start, stop } = useCheck()
  const [policy, setPolicy] = useState(policyKept() ?? '')
  const [againstLog, setAgainstLog] = useState(true)
  const [given, setGiven] = useState<Given>()
  const check = ({ bytes }: Given) =>
    start({ given: bytes, policy: policy.trim() === '' ? undefined : policy, againstLog })
  const take = async (file: File) => {
    const taken = { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }
    setGiven(taken)
    await check(taken)
  }
  return (
    <Stack>
      <Title order={1} size="h2">
        {say('title')}
      </Title>
      <Text>{say('intro')}</Text>
      <Drop words={say('drop')} choose={say('choose')} take={(file) => void take(file)} />
      {given && (
        <Group>
          <Text className="words">{say('fileName', { name: given.name })}</Text>
          <Button variant="light" size="compact-md" onClick={() => void check(given)}>
            {say('checkAgain')}
          </Button>
        </Group>
      )}
      <CheckView state={state} stop={stop} />
      <WhomToBelieve policy={policy} change={setPolicy} />
      <Checkbox
        label={say('askLog')}
        checked={againstLog}
        onChange={(event) => setAgainstLog(event.currentTarget.checked)}
      />
      <Divider />
      <Anchor component={Link} to="/check/log">
        {say('logTitle')}
      </Anchor>
    </Stack>
  )
}

function WhomToBelieve({ policy, change }: { policy: string; change: (policy: string) => void }) {
  const say = useTexts(proofTexts)
  const [kept, setKept] = useState(policyKept() !== undefined)
  const put = (next: string, keep: boolean) => {
    change(next)
    setKept(keep)
    keepPolicy(keep && next.trim() !== '' ? next : undefined)
  }
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {say('whom')}
        </Title>
        <Text size="sm">{say('whomText')}</Text>
        <Textarea
          label={say('policy')}
          description={say('policyNone')}
          value={policy}
          onChange={(event) => put(event.currentTarget.value, kept)}
          autosize
          minRows={3}
          maxRows={10}
          spellCheck={false}
          classNames={{ input: 'code' }}
        />
        <Group>
          <FileButton onChange={(file) => file && void file.text().then((text) => put(text, kept))}>
            {(props) => (
              <Button variant="subtle" size="compact-md" {...props}>
                {say('policyFile')}
              </Button>
            )}
          </FileButton>
          <Checkbox
            label={say('policyKeep')}
            checked={kept}
            onChange={(event) => put(policy, event.currentTarget.checked)}
          />
        </Group>
      </Stack>
    </Paper>
  )
}
