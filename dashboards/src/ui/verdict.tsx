// What of a report can be shown to a doctor, said when it comes in.
import { List, Stack, Text } from '@mantine/core'
import type { Schemas } from '../api/client'
import { sentenceFor, useTexts } from '../app/texts'
import { lossTexts, verdictTexts } from './verdict-texts'

export function Verdict({ drawing }: { drawing: Schemas['DrawingBody'] | undefined }) {
  const say = useTexts(verdictTexts)
  if (drawing === undefined) return <Text>{say('noDrawing')}</Text>
  if (drawing.whole) {
    const count = drawing.pages
    return <Text>{count ? say('whole', { count }) : say('wholeText')}</Text>
  }
  const told = (code: string) => sentenceFor(lossTexts, code) ?? code
  return (
    <Stack gap={4}>
      <Text fw={600}>{say('lossy')}</Text>
      {drawing.lossy?.length ? (
        <List>
          {drawing.lossy.map(({ page, missing }) => (
            <List.Item key={page}>
              {say('lossyPage', { page, missing: missing.map(told).join(', ') })}
            </List.Item>
          ))}
        </List>
      ) : (
        <Text>{drawing.sentence}</Text>
      )}
    </Stack>
  )
}
