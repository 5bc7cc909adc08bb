import { texts } from '../app/texts'

export const patientTexts = texts(
  'patient',
  { home: 'Who can see', reports: 'My reports', history: 'Who looked', grant: 'Let in' },
  {
    home: 'யார் காணலாம்',
    reports: 'என் அறிக்கைகள்',
    history: 'யார் பார்த்தார்',
    grant: 'அனுமதி',
  },
)
