// The way around: at the side of a wide window, at the bottom of a phone. Each role names its own.
import { AppShell, Group, NavLink, Stack, Text, UnstyledButton } from '@mantine/core'
import { Link, useLocation } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { adminAreas } from '../admin/areas'
import { doctorAreas } from '../doctor/areas'
import { patientAreas } from '../patient/areas'
import { Icon } from '../ui/icon'
import type { Me } from './people'
import { useTexts } from './texts'
import { shellTexts } from './words'

export interface Area {
  to: string
  label: string
  icon: ReactNode
}

const noAreas = (): Area[] => []

/** Where this person can go. */
export function useAreas(me: Me | null | undefined): Area[] {
  const say = useTexts(shellTexts)
  if (!me) return []
  const account = { to: '/account', label: say('account'), icon: <Icon name="person" /> }
  const own = {
    patient: patientAreas,
    doctor: doctorAreas,
    admin: adminAreas,
    manager: noAreas,
    system: noAreas,
  }
  return [...own[me.role](), account]
}

function useIsHere() {
  const { pathname } = useLocation()
  return (to: string, all: Area[]) => {
    const here = all.filter((area) => pathname === area.to || pathname.startsWith(`${area.to}/`))
    return here.sort((a, b) => b.to.length - a.to.length)[0]?.to === to
  }
}

export function SideBar({ areas }: { areas: Area[] }) {
  const say = useTexts(shellTexts)
  const isHere = useIsHere()
  return (
    <AppShell.Navbar p="sm" visibleFrom="sm" aria-label={say('areas')} className="no-print">
      {areas.map((area) => (
        <NavLink
          key={area.to}
          component={Link}
          to={area.to}
          activeOptions={{ exact: true }}
          label={area.label}
          leftSection={area.icon}
          active={isHere(area.to, areas)}
          aria-current={isHere(area.to, areas) ? 'page' : undefined}
        />
      ))}
    </AppShell.Navbar>
  )
}

export function BottomBar({ areas }: { areas: Area[] }) {
  const say = useTexts(shellTexts)
  const isHere = useIsHere()
  return (
    <AppShell.Footer hiddenFrom="sm" className="no-print">
      <Group
        component="nav"
        aria-label={say('areas')}
        justify="space-around"
        wrap="nowrap"
        h="100%"
        px={6}
        gap={4}
      >
        {areas.map((area) => (
          <UnstyledButton
            key={area.to}
            component={Link}
            to={area.to}
            activeOptions={{ exact: true }}
            className="tab"
            aria-current={isHere(area.to, areas) ? 'page' : undefined}
          >
            <Stack gap={2} align="center" justify="center" h="100%">
              {area.icon}
              <Text size="xs" lh={1.2} ta="center">
                {area.label}
              </Text>
            </Stack>
          </UnstyledButton>
        ))}
      </Group>
    </AppShell.Footer>
  )
}
