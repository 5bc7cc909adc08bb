// A place for a file: dropped, or chosen with the keyboard, a finger or a mouse.
import { Button, FileButton, Paper, Stack, Text } from '@mantine/core'
import { type DragEvent, useState } from 'react'

interface Props {
  words: string
  choose: string
  take: (file: File) => void
  accept?: string
  disabled?: boolean
}

export function Drop({ words, choose, take, accept, disabled = false }: Props) {
  const [over, setOver] = useState(false)
  const dropped = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const file = event.dataTransfer.files[0]
    if (file && !disabled) take(file)
  }
  return (
    <Paper
      withBorder
      p="lg"
      className="drop"
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
    >
      <Stack align="center" gap="sm">
        <Text ta="center">{words}</Text>
        <FileButton
          onChange={(file) => file && take(file)}
          disabled={disabled}
          {...(accept !== undefined && { accept })}
        >
          {(props) => (
            <Button variant="light" {...props}>
              {choose}
            </Button>
          )}
        </FileButton>
      </Stack>
    </Paper>
  )
}
