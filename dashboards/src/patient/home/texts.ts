import { texts } from '../../app/texts'

export const homeTexts = texts(
  'home',
  {
    title: 'Who can see my record now?',
    nobody: 'Nobody but you.',
    nobodyText:
      'Nothing of it is open to anybody. Whoever tries to open a report is refused, and you will see it here.',
    count_one: 'One doctor can.',
    count_other: '{{count}} doctors can.',
    letIn: 'Let somebody in',
    upload: 'Add a report',
    later: 'Not open now, but not over',
    all: 'All consents I ever gave',
    recent: 'Lately',
    recentNone: 'Nothing has happened in your record yet.',
    wholeHistory: 'Everything that happened',
  },
  {
    title: 'என் பதிவை இப்போது யார் காணலாம்?',
    nobody: 'உங்களைத் தவிர யாருமில்லை.',
    nobodyText:
      'இதில் எதுவும் யாருக்கும் திறந்திருக்கவில்லை. அறிக்கையைத் திறக்க முயல்பவர் மறுக்கப்படுவார்; அதை இங்கே காண்பீர்கள்.',
    count_one: 'ஒருவர் காணலாம்.',
    count_other: '{{count}} பேர் காணலாம்.',
    letIn: 'ஒருவரை அனுமதி',
    upload: 'அறிக்கை சேர்',
    later: 'இப்போது திறக்கவில்லை, ஆனால் முடியவில்லை',
    all: 'நான் அளித்த எல்லா ஒப்புதல்களும்',
    recent: 'சமீபத்தில்',
    recentNone: 'உங்கள் பதிவில் இன்னும் எதுவும் நடக்கவில்லை.',
    wholeHistory: 'நடந்தவை அனைத்தும்',
  },
)
