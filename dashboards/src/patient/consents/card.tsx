// One consent: who may see what, how long still, and the button that ends it.
import { Avatar, Badge, Button, Card, Group, Progress, Stack, Text } from '@mantine/core'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { Icon } from '../../ui/icon'
import { AnchorLink } from '../../ui/links'
import { useNow } from '../../ui/now'
import { purposeTexts } from '../../ui/record-texts'
import { RefusalAlert } from '../../ui/refusal-alert'
import { useScopeWords } from '../../ui/scope-words'
import { BarButton } from '../bars/bar-button'
import type { MyConsent } from './queries'
import { consentTexts } from './texts'
import { useRevoke } from './use-revoke'

interface Props {
  consent: MyConsent
  /** Whether this is the consent's own page, which needs no way to itself. */
  alone?: boolean
  stopped: (consent: MyConsent) => void
}

/** Whether it can still open anything, now or later. */
export function isLive({ state }: MyConsent): boolean {
  switch (state) {
    case 'in_force':
    case 'used_up':
    case 'doctor_may_not_act':
    case 'record_closed':
    case 'barred':
    case 'not_yet':
      return true
    case 'expired':
    case 'revoked':
      return false
  }
}

export function ConsentCard({ consent, alone = false, stopped }: Props) {
  const say = useTexts(consentTexts)
  const purpose = useTexts(purposeTexts)
  const scope = useScopeWords()
  const stopping = useRevoke(consent, stopped)
  return (
    <Card
      withBorder
      padding="md"
      component="article"
      aria-label={consent.grantee_name}
      data-consent={consent.consent}
    >
      <Stack gap="sm">
        <Group wrap="nowrap" align="flex-start">
          <Avatar color="lake" radius="xl" aria-hidden="true">
            {initials(consent.grantee_name)}
          </Avatar>
          <Stack gap={2} flex={1} miw={0}>
            <Group gap="xs" justify="space-between">
              <Text fw={650}>{consent.grantee_name}</Text>
              {consent.state !== 'in_force' && (
                <Badge
                  variant="light"
                  color="gray"
                  tt="none"
                  c="var(--mantine-color-text)"
                  h="auto"
                  styles={{ label: { whiteSpace: 'normal' } }}
                >
                  {say(consent.state)}
                </Badge>
              )}
            </Group>
            <Text>{say('sees', { what: scope(consent.scope, consent.exceptions) })}</Text>
            <Text size="sm" c="dimmed">
              {say('purpose', { purpose: purpose(consent.purpose) })} · <Used consent={consent} />
            </Text>
            {consent.state === 'used_up' && <Text size="sm">{say('usedUpText')}</Text>}
          </Stack>
        </Group>
        <TimeLeft consent={consent} />
        {stopping.isError && <RefusalAlert error={stopping.error} />}
        {isLive(consent) && consent.grantee.kind === 'doctor' && (
          <Group className="no-print">
            <BarButton doctor={consent.grantee.doctor} />
          </Group>
        )}
        <Group justify="space-between" className="no-print">
          {alone ? (
            <span />
          ) : (
            <AnchorLink
              to="/patient/consents/$consent"
              params={{ consent: consent.consent }}
              size="sm"
            >
              {say('details')}
            </AnchorLink>
          )}
          {isLive(consent) && (
            <Button
              color="red.9"
              variant="outline"
              c="var(--mantine-color-error)"
              leftSection={<Icon name="stop" size={18} />}
              loading={stopping.isPending}
              onClick={() => stopping.mutate()}
            >
              {say('stop')}
            </Button>
          )}
        </Group>
      </Stack>
    </Card>
  )
}

function Used({ consent }: { consent: MyConsent }) {
  const say = useTexts(consentTexts)
  if (consent.views_max !== undefined && consent.views_max !== null) {
    return say('views', { views: consent.views, count: consent.views_max })
  }
  return consent.views === 0 ? say('never') : say('opened', { count: consent.views })
}

function TimeLeft({ consent }: { consent: MyConsent }) {
  const say = useTexts(consentTexts)
  const { dateTime, span } = useWritten()
  const now = useNow()
  const [from, until] = [Date.parse(consent.from), Date.parse(consent.until)]
  if (consent.revoked_at) {
    return <Text size="sm">{say('revokedAt', { time: dateTime(consent.revoked_at) })}</Text>
  }
  if (now < from) {
    return (
      <Text size="sm">
        {say('begins', { time: dateTime(consent.from) })} ·{' '}
        {say('until', { time: dateTime(consent.until) })}
      </Text>
    )
  }
  const left = until - now
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="xs">
        {left > 0 && (
          <Text size="sm" fw={600} data-countdown>
            {say('left', { span: span(left) })}
          </Text>
        )}
        <Text size="sm" c="dimmed">
          {say('until', { time: dateTime(consent.until) })}
        </Text>
      </Group>
      {left > 0 && <Progress value={(100 * left) / (until - from)} size="xs" aria-hidden="true" />}
    </Stack>
  )
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => !/^(dr|prof)\.?$/i.test(word))
  return words
    .filter((_, i) => i === 0 || i === words.length - 1)
    .map((word) => word[0] ?? '')
    .join('')
    .toUpperCase()
}
