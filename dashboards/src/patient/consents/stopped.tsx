// What was just taken back, said once, with the way back.
import { Alert, Group, Text } from '@mantine/core'
import { useTexts } from '../../app/texts'
import { AnchorLink } from '../../ui/links'
import type { MyConsent } from './queries'
import { consentTexts } from './texts'

export function StoppedNotice({ consent }: { consent: MyConsent | undefined }) {
  const say = useTexts(consentTexts)
  return (
    <div role="status" aria-live="polite" className="notice">
      {consent && (
        <Alert color="lake" variant="light">
          <Group justify="space-between" gap="xs">
            <Text>{say('stopped', { name: consent.grantee_name })}</Text>
            {consent.grantee.kind === 'doctor' && (
              <AnchorLink to="/patient/grant" search={{ doctor: consent.grantee.doctor }}>
                {say('letBack')}
              </AnchorLink>
            )}
          </Group>
        </Alert>
      )}
    </div>
  )
}
