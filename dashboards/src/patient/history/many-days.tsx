// A long history: only what is near the window is drawn, and only what is near the end of it is read on.
import { Box, Stack } from '@mantine/core'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { Loading } from '../../app/shell'
import { DayTitle } from './day-title'
import { Printed } from './printed'
import type { Visit } from './timeline'
import { VisitCard } from './visit'

/** So many visits before the end the next page is asked for. */
const AHEAD = 40

/** What there is beyond what was read. */
export interface Further {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  isError: boolean
  fetchNextPage: () => unknown
}

export default function ManyDays({ visits, more }: { visits: Visit[]; more: Further }) {
  const box = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const printing = usePrinting()
  useLayoutEffect(() => setTop(box.current?.offsetTop ?? 0), [])
  // A day may hold thousands of entries: rows are visits, and a day's first visit carries its title.
  const list = useWindowVirtualizer({
    count: visits.length,
    estimateSize: () => 96,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (index) => visits[index]?.key ?? index,
  })
  const items = list.getVirtualItems()
  useReadOn(more, (items.at(-1)?.index ?? 0) >= visits.length - AHEAD)
  if (printing) return <Printed visits={visits} />
  return (
    <>
      <Box ref={box} pos="relative" h={list.getTotalSize()}>
        {items.map(({ index, key, start }) => {
          const visit = visits[index]
          return visit ? (
            <Box
              key={key}
              ref={list.measureElement}
              data-index={index}
              pos="absolute"
              top={0}
              left={0}
              w="100%"
              pb="xs"
              style={{ transform: `translateY(${start - top}px)` }}
            >
              {visits[index - 1]?.day !== visit.day && (
                <Box py="xs">
                  <DayTitle at={visit.day} order={2} />
                </Box>
              )}
              <VisitCard visit={visit} />
            </Box>
          ) : null
        })}
      </Box>
      {more.isFetchingNextPage && (
        <Stack align="center">
          <Loading />
        </Stack>
      )}
    </>
  )
}

function useReadOn(more: Further, isNear: boolean) {
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = more
  useEffect(() => {
    if (isNear && hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage()
  }, [isNear, hasNextPage, isFetchingNextPage, isError, fetchNextPage])
}

/** A print has all of what was read: it is on the page before the browser takes it. */
function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false)
  useLayoutEffect(() => {
    const begin = () => flushSync(() => setPrinting(true))
    const end = () => setPrinting(false)
    window.addEventListener('beforeprint', begin)
    window.addEventListener('afterprint', end)
    return () => {
      window.removeEventListener('beforeprint', begin)
      window.removeEventListener('afterprint', end)
    }
  }, [])
  return printing
}
