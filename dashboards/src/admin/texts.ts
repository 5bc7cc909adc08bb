import { texts } from '../app/texts'

export const adminTexts = texts(
  'admin',
  { doctors: 'Doctors', health: 'Health', trail: 'Audit log', log: 'Log and anchors' },
  {
    doctors: 'டாக்டர்கள்',
    health: 'நலம்',
    trail: 'தணிக்கை',
    log: 'பதிவேடு, நங்கூரங்கள்',
  },
)
