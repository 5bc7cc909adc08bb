// Where a patient can go.
import type { Area } from '../app/navigation'
import { sayer } from '../app/texts'
import { Icon } from '../ui/icon'
import { patientTexts } from './texts'

export function patientAreas(): Area[] {
  const say = sayer(patientTexts)
  return [
    { to: '/patient', label: say('home'), icon: <Icon name="eye" /> },
    { to: '/patient/grant', label: say('grant'), icon: <Icon name="key" /> },
    { to: '/patient/reports', label: say('reports'), icon: <Icon name="paper" /> },
    { to: '/patient/history', label: say('history'), icon: <Icon name="clock" /> },
  ]
}
