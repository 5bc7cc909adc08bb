// A long history: only what is near the window is drawn.
import { Box, Stack } from '@mantine/core'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import { DayTitle } from './day-title'
import { OneDay } from './one-day'
import type { Day } from './timeline'
import { VisitCard } from './visit'

export default function ManyDays({ days }: { days: Day[] }) {
  const box = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const printing = usePrinting()
  useLayoutEffect(() => setTop(box.current?.offsetTop ?? 0), [])
  // A day may hold thousands of entries: rows are visits, and a day's first visit carries its title.
  const rows = useMemo(
    () => days.flatMap((day) => day.visits.map((visit, i) => ({ day, visit, first: i === 0 }))),
    [days],
  )
  const list = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => 96,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (index) => rows[index]?.visit.key ?? index,
  })
  if (printing) {
    return (
      <Stack>
        {days.map((day) => (
          <OneDay key={day.at} day={day} />
        ))}
      </Stack>
    )
  }
  return (
    <Box ref={box} pos="relative" h={list.getTotalSize()}>
      {list.getVirtualItems().map((item) => {
        const row = rows[item.index]
        return row ? (
          <Box
            key={item.key}
            ref={list.measureElement}
            data-index={item.index}
            pos="absolute"
            top={0}
            left={0}
            w="100%"
            pb="xs"
            style={{ transform: `translateY(${item.start - top}px)` }}
          >
            {row.first && (
              <Box py="xs">
                <DayTitle at={row.day.at} order={2} />
              </Box>
            )}
            <VisitCard visit={row.visit} />
          </Box>
        ) : null
      })}
    </Box>
  )
}

/** A print has all of it. */
function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false)
  useLayoutEffect(() => {
    const begin = () => setPrinting(true)
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
