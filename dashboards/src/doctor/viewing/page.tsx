// Looking at a report: one page at a time, drawn by the service, until it is over.
import { Alert, Badge, Button, Group, Pagination, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type MouseEvent, useEffect, useState } from 'react'
import { Loading } from '../../app/shell'
import { sentenceFor, useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { ButtonLink } from '../../ui/links'
import { RefusalAlert } from '../../ui/refusal-alert'
import { closeViewing, forgetOpened } from './opening'
import { coarser, finer, moved, type PageSize, type Part, regionOf, WHOLE } from './part'
import { viewingTexts } from './texts'
import { type Look, useViewing } from './use-viewing'

const ROUTE = '/doctor/viewings/$patient/$viewing'

export function ViewingPage() {
  const say = useTexts(viewingTexts)
  const { patient, viewing } = useParams({ from: ROUTE })
  const { page } = useSearch({ from: ROUTE })
  const navigate = useNavigate()
  const [part, setPart] = useState(WHOLE)
  const { opened, look, pages, size, left, again } = useViewing({ patient, viewing, page, part })
  const view = { part, setPart, size }
  const title = opened?.title ?? say('report')
  const over = look.at === 'over'
  const turn = (to: number) => {
    // While it is not known how many there are, none is asked for: asking is an entry in the history.
    if (to < 1 || to > (pages ?? page) || to === page) return
    setPart(WHOLE)
    void navigate({ to: ROUTE, params: { patient, viewing }, search: { page: to }, replace: true })
  }
  const closing = useMutation({
    mutationFn: () => closeViewing(patient, viewing),
    onSuccess: () => navigate({ to: '/doctor/patients/$patient', params: { patient } }),
  })
  useKeys({ page, pages, turn, ...view, close: () => closing.mutate(), on: !over })
  useEffect(() => {
    if (over) forgetOpened(viewing)
  }, [over, viewing])
  return (
    <Stack gap="sm">
      <Group justify="space-between" className="no-print">
        <Title order={1} size="h3" className="words">
          {title}
        </Title>
        {!over && (
          <Group gap="xs">
            {left !== undefined && <Countdown left={left} />}
            <Button variant="light" loading={closing.isPending} onClick={() => closing.mutate()}>
              {say('close')}
            </Button>
          </Group>
        )}
      </Group>
      {closing.isError && <RefusalAlert error={closing.error} />}
      {!over && <Turning page={page} pages={pages} turn={turn} />}
      {!over && <Zooming {...view} />}
      <Shown
        look={look}
        title={title}
        page={page}
        patient={patient}
        again={again}
        tapped={(at) => setPart(finer(part, size, at))}
      />
      <Text size="sm" c="dimmed" className="no-print">
        {say('keys')} {say('note')}
      </Text>
      <Text className="only-print">{say('noPrint')}</Text>
    </Stack>
  )
}

function Countdown({ left }: { left: number }) {
  const say = useTexts(viewingTexts)
  const { span } = useWritten()
  return (
    <Badge size="lg" variant="light" color={left < 60_000 ? 'red' : 'gray'} tt="none" role="timer">
      {say('left', { left: span(left) })}
    </Badge>
  )
}

interface TurningProps {
  page: number
  pages: number | undefined
  turn: (to: number) => void
}

/** The list of pages; where nobody knows how many there are, one back and one on. */
function Turning({ page, pages, turn }: TurningProps) {
  const say = useTexts(viewingTexts)
  if (pages === 1) return null
  return (
    <Group component="nav" aria-label={say('pages')} justify="center" className="no-print">
      {pages === undefined ? (
        <>
          <Button variant="light" onClick={() => turn(page - 1)} disabled={page === 1}>
            {say('back')}
          </Button>
          <Text>{say('page', { page })}</Text>
          <Button variant="light" onClick={() => turn(page + 1)}>
            {say('on')}
          </Button>
        </>
      ) : (
        <Pagination
          total={pages}
          value={page}
          onChange={turn}
          getItemProps={(number) => ({ 'aria-label': say('pageOf', { page: number, pages }) })}
          getControlProps={(control) => ({
            'aria-label': control === 'previous' || control === 'first' ? say('back') : say('on'),
          })}
        />
      )}
    </Group>
  )
}

interface ZoomingProps {
  part: Part
  setPart: (part: Part) => void
  size: PageSize | undefined
}

/** Nearer and farther, and where to look: by buttons, so that no finger and no mouse is needed. */
function Zooming({ part, setPart, size }: ZoomingProps) {
  const say = useTexts(viewingTexts)
  const way = (label: string, sign: string, next: Part) => (
    <Button
      variant="default"
      size="compact-md"
      aria-label={label}
      disabled={regionOf(next, size) === regionOf(part, size)}
      onClick={() => setPart(next)}
    >
      {sign}
    </Button>
  )
  return (
    <Group gap={4} justify="center" className="no-print" role="group" aria-label={say('zoom')}>
      {way(say('farther'), '−', coarser(part, size))}
      <Text size="sm" miw={48} ta="center" role="status">
        {part.zoom}00 %
      </Text>
      {way(say('nearer'), '+', finer(part, size))}
      {part.zoom > 1 && (
        <>
          {way(say('toLeft'), '←', moved(part, -1, 0, size))}
          {way(say('toRight'), '→', moved(part, 1, 0, size))}
          {way(say('toTop'), '↑', moved(part, 0, -1, size))}
          {way(say('toBottom'), '↓', moved(part, 0, 1, size))}
        </>
      )}
    </Group>
  )
}

interface ShownProps {
  look: Look
  title: string
  page: number
  patient: string
  again: () => void
  /** Where the picture was tapped, as parts of its width and height. */
  tapped: (at: { x: number; y: number }) => void
}

function Shown({ look, title, page, patient, again, tapped }: ShownProps) {
  const say = useTexts(viewingTexts)
  switch (look.at) {
    case 'asking':
      return (
        <Stack align="center" mih={320} justify="center">
          <Loading />
          <Text role="status">{say('asking')}</Text>
        </Stack>
      )
    case 'trouble':
      return <RefusalAlert error={look.error} again={again} />
    case 'over':
      return (
        <Stack data-over={look.error.code}>
          <Title order={2} size="h4">
            {say('overTitle')}
          </Title>
          <RefusalAlert error={look.error} />
          <ButtonLink to="/doctor/patients/$patient" params={{ patient }} w="fit-content">
            {say('toReports')}
          </ButtonLink>
        </Stack>
      )
    case 'page': {
      const { missing } = look.drawn
      const what = missing.map((code) => sentenceFor(viewingTexts, `m_${code}`) ?? code).join(', ')
      return (
        <Stack gap="xs" className="no-print">
          {missing.length > 0 && <Alert color="yellow">{say('missing', { what })}</Alert>}
          <Picture url={look.url} alt={say('picture', { title, page })} tapped={tapped} />
        </Stack>
      )
    }
  }
}

interface PictureProps {
  url: string
  alt: string
  tapped: ShownProps['tapped']
}

/** A double tap looks nearer there; the buttons above do the same for everybody. */
function Picture({ url, alt, tapped }: PictureProps) {
  const near = (event: MouseEvent<HTMLImageElement>) => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect()
    tapped({ x: (event.clientX - left) / width, y: (event.clientY - top) / height })
  }
  return <img src={url} alt={alt} className="drawn" draggable={false} onDoubleClick={near} />
}

interface Keys extends TurningProps, ZoomingProps {
  close: () => void
  on: boolean
}

/** Turning by keys, wherever the focus is but in a field; arrows go along what is looked at nearer. */
function useKeys({ page, pages, turn, part, setPart, size, close, on }: Keys) {
  useEffect(() => {
    if (!on) return
    const pressed = (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return
      if (event.target instanceof HTMLInputElement) return
      const to: Record<string, number | undefined> = {
        ArrowLeft: page - 1,
        PageUp: page - 1,
        ArrowRight: page + 1,
        PageDown: page + 1,
        Home: 1,
        End: pages,
      }
      const at: Record<string, Part | undefined> = {
        '+': finer(part, size),
        '-': coarser(part, size),
        '0': WHOLE,
        ...(part.zoom > 1 && {
          ArrowLeft: moved(part, -1, 0, size),
          ArrowRight: moved(part, 1, 0, size),
          ArrowUp: moved(part, 0, -1, size),
          ArrowDown: moved(part, 0, 1, size),
        }),
      }
      const next = to[event.key]
      const looked = at[event.key]
      if (event.key === 'Escape') close()
      else if (looked) setPart(looked)
      else if (next !== undefined) turn(next)
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  })
}
