// Adding a report to a patient's record: dropped or chosen, with progress and a way to stop.
import {
  Alert,
  Button,
  Group,
  Paper,
  Progress,
  Select,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useState } from 'react'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { Drop } from '../../ui/drop'
import { troubleWith } from '../../ui/fields'
import { titleOf } from '../../ui/media-types'
import { categoryTexts } from '../../ui/record-texts'
import { RefusalAlert } from '../../ui/refusal-alert'
import { useSending } from '../../ui/sending'
import { Verdict } from '../../ui/verdict'
import type { ListedReport } from './queries'
import { patientsTexts } from './texts'

type Category = ListedReport['category']

export function AddReport({ patient }: { patient: string }) {
  const say = useTexts(patientsTexts)
  const [file, setFile] = useState<File>()
  return (
    <Paper withBorder p="md" component="section" aria-label={say('add')}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {say('add')}
        </Title>
        <Text size="sm">{say('addText')}</Text>
        {file ? (
          <Sending
            key={`${file.name}-${file.lastModified}`}
            patient={patient}
            file={file}
            another={() => setFile(undefined)}
          />
        ) : (
          <Drop words={say('drop')} choose={say('choose')} take={setFile} />
        )}
      </Stack>
    </Paper>
  )
}

interface SendingProps {
  patient: string
  file: File
  another: () => void
}

function Sending({ patient, file, another }: SendingProps) {
  const say = useTexts(patientsTexts)
  const category = useTexts(categoryTexts)
  const { size } = useWritten()
  const [title, setTitle] = useState(titleOf(file.name))
  const [kind, setKind] = useState<Category>('other')
  const { sending, part, stop } = useSending(patient, file, ['reports-of', patient])
  const stopped = sending.error instanceof DOMException
  if (sending.isSuccess) {
    return (
      <Stack role="status">
        <Alert color="green" variant="light" title={say('stored')}>
          <Verdict drawing={sending.data.drawing} />
        </Alert>
        <Button variant="subtle" onClick={another} w="fit-content">
          {say('another')}
        </Button>
      </Stack>
    )
  }
  const percent = Math.floor(part * 100)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        sending.mutate({ title: title.trim(), category: kind })
      }}
    >
      <Stack>
        <Text c="dimmed" className="words">
          {file.name} · {size(file.size)}
        </Text>
        <TextInput
          label={say('name')}
          required
          withAsterisk={false}
          maxLength={200}
          value={title}
          error={troubleWith(sending.error, 'title')}
          onChange={(event) => setTitle(event.currentTarget.value)}
          disabled={sending.isPending}
        />
        <Select
          label={say('kind')}
          data={(Object.keys(categoryTexts.en) as Category[]).map((code) => ({
            value: code,
            label: category(code),
          }))}
          value={kind}
          onChange={(code) => setKind((code ?? 'other') as Category)}
          allowDeselect={false}
          disabled={sending.isPending}
        />
        {stopped && <Alert color="yellow">{say('stopped')}</Alert>}
        {sending.isError && !stopped && <RefusalAlert error={sending.error} />}
        {sending.isPending ? (
          <Stack gap="xs">
            <Text role="status">{part < 1 ? say('sending', { percent }) : say('working')}</Text>
            <Progress
              value={percent}
              animated={part >= 1}
              aria-label={say('sending', { percent })}
            />
            <Button variant="light" onClick={stop} w="fit-content">
              {say('stop')}
            </Button>
          </Stack>
        ) : (
          <Group>
            <Button type="submit">{say('send')}</Button>
            <Button variant="subtle" onClick={another}>
              {say('another')}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  )
}
