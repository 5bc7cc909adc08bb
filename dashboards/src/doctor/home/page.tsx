// Where a doctor begins.
import { Title } from '@mantine/core'
import { useMe } from '../../app/people'

export function HomePage() {
  const me = useMe()
  return <Title order={1}>{me.name}</Title>
}
