import { texts } from '../../app/texts'

export const trailTexts = texts(
  'trail',
  {
    title: 'Audit log',
    intro:
      'Every event there is, by ids and codes. No names, titles or words stand here, by construction.',
    total: '{{count}} events',
    none: 'Nothing in the log fits this. Ids are written in full, types like consent.granted.',
    type: 'Type',
    actor: 'Actor',
    stream: 'Stream',
    look: 'Look for it',
    clear: 'Show all',
    place: 'Place',
    time: 'Time',
    event: 'Event',
    hash: 'Fingerprint',
    version: 'number {{version}}',
  },
  {
    title: 'தணிக்கைப் பதிவு',
    intro: 'எல்லா நிகழ்வுகளும், அடையாளங்களாலும் குறியீடுகளாலும். பெயர்களோ தலைப்புகளோ சொற்களோ இங்கே இல்லை.',
    total: '{{count}} நிகழ்வுகள்',
    none: 'இதற்குப் பொருந்தும் எதுவும் இல்லை. அடையாளங்களை முழுமையாக எழுதுங்கள், வகைகளை consent.granted போல.',
    type: 'வகை',
    actor: 'செய்தவர்',
    stream: 'ஓடை',
    look: 'தேடு',
    clear: 'எல்லாவற்றையும் காட்டு',
    place: 'இடம்',
    time: 'நேரம்',
    event: 'நிகழ்வு',
    hash: 'கைரேகை',
    version: '{{version}} ஆம் எண்',
  },
)
