import { texts } from '../app/texts'

export const patientTexts = texts('patient', { home: 'Home' }, { home: 'முகப்பு' })
