// Checkpoints and anchors, for whoever answers for them: the same as anybody sees.
import { Stack, Text, Title } from '@mantine/core'
import { useTexts } from '../../app/texts'
import { LogPanel } from '../../proofs/log-page'
import { proofTexts } from '../../proofs/texts'
import { AnchorLink } from '../../ui/links'

export function LogPage() {
  const say = useTexts(proofTexts)
  return (
    <Stack>
      <Title order={1} size="h2">
        {say('logTitle')}
      </Title>
      <Text>{say('logIntro')}</Text>
      <LogPanel />
      <AnchorLink to="/check">{say('title')}</AnchorLink>
    </Stack>
  )
}
