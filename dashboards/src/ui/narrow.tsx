// A page with one thing to do: a form in the middle, no wider than it is read easily.
import { Box, Paper, Stack, Title } from '@mantine/core'
import type { ReactNode } from 'react'

export function NarrowPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Box maw={440} mx="auto" py={{ base: 'xs', sm: 'xl' }}>
      <Paper withBorder p={{ base: 'md', sm: 'xl' }} radius="lg">
        <Stack>
          <Title order={1} size="h2">
            {title}
          </Title>
          {children}
        </Stack>
      </Paper>
    </Box>
  )
}
