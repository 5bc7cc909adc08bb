import { texts } from '../app/texts'

export const doctorTexts = texts('doctor', { home: 'Patients' }, { home: 'நோயாளிகள்' })
