import { texts } from '../app/texts'

export const doctorTexts = texts('doctor', { home: 'Home' }, { home: 'முகப்பு' })
