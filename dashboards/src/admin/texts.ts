import { texts } from '../app/texts'

export const adminTexts = texts('admin', { home: 'Home' }, { home: 'முகப்பு' })
