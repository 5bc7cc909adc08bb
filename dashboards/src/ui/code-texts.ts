import { texts } from '../app/texts'

export const codeTexts = texts(
  'code',
  {
    code: 'Code from the letter',
    confirm: 'Continue',
    anew: 'Send a new code',
    sent: 'A new letter is on its way.',
  },
  {
    code: 'கடிதத்தில் உள்ள குறியீடு',
    confirm: 'தொடர்க',
    anew: 'புதிய குறியீடு அனுப்பு',
    sent: 'புதிய கடிதம் அனுப்பப்பட்டது.',
  },
)
