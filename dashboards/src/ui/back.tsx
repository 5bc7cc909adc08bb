// The way back to where a page belongs.
import { Anchor, Group } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTexts } from '../app/texts'
import { shellTexts } from '../app/words'
import { Icon } from './icon'

export function BackLink({ to }: { to: string }) {
  const say = useTexts(shellTexts)
  return (
    <Anchor component={Link} to={to} className="no-print" w="fit-content">
      <Group gap={4}>
        <Icon name="back" size={18} />
        {say('back')}
      </Group>
    </Anchor>
  )
}
