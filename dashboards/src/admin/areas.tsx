// Where an admin can go.
import type { Area } from '../app/navigation'
import { sayer } from '../app/texts'
import { Icon } from '../ui/icon'
import { adminTexts } from './texts'

export function adminAreas(): Area[] {
  const say = sayer(adminTexts)
  return [
    { to: '/admin', label: say('doctors'), icon: <Icon name="people" /> },
    { to: '/admin/health', label: say('health'), icon: <Icon name="eye" /> },
    { to: '/admin/trail', label: say('trail'), icon: <Icon name="clock" /> },
    { to: '/admin/log', label: say('log'), icon: <Icon name="paper" /> },
  ]
}
