// Adding a report: from a file or the camera, with progress, a way to stop, and what of it can be shown.
import {
  Alert,
  Button,
  FileButton,
  Group,
  Progress,
  Select,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useState } from 'react'
import type { upload } from '../../api/upload'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { BackLink } from '../../ui/back'
import { troubleWith } from '../../ui/fields'
import { Icon } from '../../ui/icon'
import { ButtonLink } from '../../ui/links'
import { titleOf } from '../../ui/media-types'
import { categoryTexts } from '../../ui/record-texts'
import { RefusalAlert } from '../../ui/refusal-alert'
import { useSending } from '../../ui/sending'
import { Verdict } from '../../ui/verdict'
import { useMyRecord } from '../parent'
import type { ListedReport } from './queries'
import { reportsTexts } from './texts'

type Category = ListedReport['category']

export function NewReportPage() {
  const say = useTexts(reportsTexts)
  const [file, setFile] = useState<File | null>(null)
  return (
    <Stack maw={560}>
      <BackLink to="/patient/reports" />
      <Title order={1} size="h2">
        {say('newTitle')}
      </Title>
      {file === null ? (
        <Choose choose={setFile} />
      ) : (
        <Sending
          key={`${file.name}-${file.lastModified}`}
          file={file}
          another={() => setFile(null)}
        />
      )}
    </Stack>
  )
}

function Choose({ choose }: { choose: (file: File | null) => void }) {
  const say = useTexts(reportsTexts)
  return (
    <Group>
      <FileButton onChange={choose}>
        {(props) => (
          <Button {...props} leftSection={<Icon name="up" size={20} />}>
            {say('file')}
          </Button>
        )}
      </FileButton>
      <FileButton onChange={choose} accept="image/*" capture="environment">
        {(props) => (
          <Button {...props} variant="light" leftSection={<Icon name="camera" size={20} />}>
            {say('camera')}
          </Button>
        )}
      </FileButton>
    </Group>
  )
}

function Sending({ file, another }: { file: File; another: () => void }) {
  const say = useTexts(reportsTexts)
  const category = useTexts(categoryTexts)
  const { size } = useWritten()
  const [title, setTitle] = useState(titleOf(file.name))
  const [kind, setKind] = useState<Category>('other')
  const { sending, part, stop } = useSending(useMyRecord(), file, ['reports'])
  if (sending.isSuccess) return <Done made={sending.data} another={another} />
  const stopped = sending.error instanceof DOMException
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        sending.mutate({ title: title.trim(), category: kind })
      }}
    >
      <Stack>
        <Text c="dimmed">
          {file.name} · {size(file.size)}
        </Text>
        <TextInput
          label={say('name')}
          description={say('nameHint')}
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
        {stopped && <Alert color="yellow">{say('cancelled')}</Alert>}
        {sending.isError && !stopped && <RefusalAlert error={sending.error} />}
        {sending.isPending ? (
          <Under part={part} stop={stop} />
        ) : (
          <Group>
            <Button type="submit" leftSection={<Icon name="up" size={20} />}>
              {say('send')}
            </Button>
            <Button variant="subtle" onClick={another}>
              {say('again')}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  )
}

function Under({ part, stop }: { part: number; stop: () => void }) {
  const say = useTexts(reportsTexts)
  const percent = Math.floor(part * 100)
  return (
    <Stack gap="xs">
      <Text role="status">{part < 1 ? say('sending', { percent }) : say('working')}</Text>
      <Progress value={percent} animated={part >= 1} aria-label={say('sending', { percent })} />
      <Button variant="light" onClick={stop} w="fit-content">
        {say('cancel')}
      </Button>
    </Stack>
  )
}

function Done({
  made,
  another,
}: {
  made: Awaited<ReturnType<typeof upload>>
  another: () => void
}) {
  const say = useTexts(reportsTexts)
  const whole = made.drawing?.whole === true
  return (
    <Stack role="status">
      <Alert color={whole ? 'lake' : 'yellow'} title={say('done')}>
        <Verdict drawing={made.drawing} />
      </Alert>
      <Group>
        <ButtonLink to="/patient/reports">{say('toReports')}</ButtonLink>
        <ButtonLink to="/patient/grant" search={{ report: made.report }} variant="light">
          {say('letIn')}
        </ButtonLink>
        <Button variant="subtle" onClick={another}>
          {say('again')}
        </Button>
      </Group>
    </Stack>
  )
}
