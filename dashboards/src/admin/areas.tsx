// Where a admin can go.
import type { Area } from '../app/navigation'
import { sayer } from '../app/texts'
import { Icon } from '../ui/icon'
import { adminTexts } from './texts'

export function adminAreas(): Area[] {
  const say = sayer(adminTexts)
  return [{ to: '/admin', label: say('home'), icon: <Icon name="eye" /> }]
}
