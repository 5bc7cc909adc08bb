// What surrounds every screen: the name, the way around, the language and theme, and what must not be missed.
import { AppShell, Box, Center, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { Suspense } from 'react'
import { Banners } from './banners'
import { Header } from './header'
import { useLive } from './live'
import { LoginAgain } from './login-again'
import { BottomBar, SideBar, useAreas } from './navigation'
import { meQuery } from './people'
import { useTexts } from './texts'
import { shellTexts } from './words'

export function Loading() {
  const say = useTexts(shellTexts)
  return (
    <Center py="xl" role="status" aria-label={say('loading')}>
      <Loader type="dots" />
    </Center>
  )
}

export function Shell() {
  const { data: me } = useQuery(meQuery)
  const live = useLive(me)
  const say = useTexts(shellTexts)
  const areas = useAreas(me)
  const ways = areas.length > 0
  return (
    <AppShell
      header={{ height: 56 }}
      {...(ways && {
        navbar: { width: 230, breakpoint: 'sm', collapsed: { mobile: true } },
        footer: { height: { base: 64, sm: 0 } },
      })}
      padding="md"
    >
      <a className="skip" href="#content">
        {say('skip')}
      </a>
      <Header me={me} />
      {ways && <SideBar areas={areas} />}
      <AppShell.Main id="content" tabIndex={-1}>
        <Banners live={live} />
        <Box maw={880} mx="auto" w="100%">
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </Box>
      </AppShell.Main>
      {ways && <BottomBar areas={areas} />}
      <LoginAgain />
    </AppShell>
  )
}
