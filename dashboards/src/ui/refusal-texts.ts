// What stands around the words of a refusal, and what is said where nobody answered who could be asked for words.
import { texts } from '../app/texts'

export const refusalTexts = texts(
  'refusals',
  {
    title: 'That did not work',
    again: 'Try again',
    code: 'Code: {{code}}',
    trace: 'Trace: {{trace}}',
    wait: 'Try again in {{span}}.',
    unreachable: 'The service does not answer. Check your connection, then try again.',
    strange_answer:
      'Something between you and the service answered instead of it. Try again in a moment; if it stays so, tell the operator.',
  },
  {
    title: 'அது நடக்கவில்லை',
    again: 'மீண்டும் முயல்க',
    code: 'குறியீடு: {{code}}',
    trace: 'தடம்: {{trace}}',
    wait: '{{span}} கழித்து மீண்டும் முயலுங்கள்.',
    unreachable: 'சேவை பதிலளிக்கவில்லை. உங்கள் இணைப்பைச் சரிபார்த்து மீண்டும் முயலுங்கள்.',
    strange_answer:
      'சேவைக்குப் பதிலாக இடையில் வேறொன்று பதிலளித்தது. சிறிது நேரத்தில் மீண்டும் முயலுங்கள்; தொடர்ந்தால் இயக்குநரிடம் சொல்லுங்கள்.',
  },
)
