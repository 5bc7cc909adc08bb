// Where a doctor can go.
import type { Area } from '../app/navigation'
import { sayer } from '../app/texts'
import { Icon } from '../ui/icon'
import { doctorTexts } from './texts'

export function doctorAreas(): Area[] {
  const say = sayer(doctorTexts)
  return [{ to: '/doctor', label: say('home'), icon: <Icon name="people" /> }]
}
