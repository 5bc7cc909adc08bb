// The top of every screen.
import {
  AppShell,
  Button,
  Group,
  Menu,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Icon } from '../ui/icon'
import type { Me } from './people'
import { type Language, languages, speak, useLanguage, useTexts } from './texts'
import { shellTexts } from './words'

export function Header({ me }: { me: Me | null | undefined }) {
  const say = useTexts(shellTexts)
  return (
    <AppShell.Header className="no-print">
      <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
        <UnstyledButton component={Link} to="/">
          <Group gap={8} wrap="nowrap">
            <img src="/icon.svg" alt="" width={28} height={28} />
            <Text fw={700} size="lg">
              Medlock
            </Text>
          </Group>
        </UnstyledButton>
        <Group gap={4} wrap="nowrap">
          <Languages />
          <Themes />
          {me === null && (
            <Button component={Link} to="/login" variant="subtle" size="sm" px="xs">
              {say('logIn')}
            </Button>
          )}
        </Group>
      </Group>
    </AppShell.Header>
  )
}

function Languages() {
  const say = useTexts(shellTexts)
  const now = useLanguage()
  return (
    <Menu>
      <Menu.Target>
        <Button variant="subtle" size="sm" px="xs" leftSection={<Icon name="globe" size={18} />}>
          {languages[now]}
        </Button>
      </Menu.Target>
      <Menu.Dropdown aria-label={say('language')}>
        {Object.entries(languages).map(([code, name]) => (
          <Menu.Item key={code} lang={code} onClick={() => speak(code as Language)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Themes() {
  const say = useTexts(shellTexts)
  const { setColorScheme } = useMantineColorScheme()
  return (
    <Menu>
      <Menu.Target>
        <Button variant="subtle" size="sm" px="xs" aria-label={say('theme')}>
          <Icon name="moon" size={18} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['light', 'dark', 'auto'] as const).map((scheme) => (
          <Menu.Item key={scheme} onClick={() => setColorScheme(scheme)}>
            {say(scheme)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
