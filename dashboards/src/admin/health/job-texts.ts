// What runs in the background, by the names that the service gives; `anchor` is said of every anchor.
import { texts } from '../../app/texts'

export const jobTexts = texts(
  'jobs',
  {
    read_models: 'Fills lists and histories with what is new in the log',
    transparency_log: 'Makes tiles of what is new in the log and signs the tree',
    witnesses: 'Lets the witnesses cosign, and publishes',
    signature_watch: 'Looks whether anything waits too long for a signature',
    scrub: 'Reads everything stored again and holds it against what was signed',
    anchor: 'Takes the newest published checkpoint out of the organisation',
    clock_doubt: 'Looks whether the witnesses agree with our clock',
    sweep_of_uploads: 'Removes uploads that were never finished',
    scrub_of_reports: 'Reads every report’s file again and holds it against its hash',
    sweep_of_codes: 'Removes codes that are over, what waited for them, and their letters',
    kept_documents: 'Lets go of the documents of viewings that are over',
    reaction_expire_viewing: 'Ends viewings whose time is over',
    reaction_record_anchor: 'Records in the log what anchors gave',
    metrics_upkeep: 'Keeps the figures for monitoring small',
  },
  {
    read_models: 'பதிவேட்டின் புதியவற்றால் பட்டியல்களையும் வரலாறுகளையும் நிரப்புகிறது',
    transparency_log: 'பதிவேட்டின் புதியவற்றை ஓடுகளாக்கி மரத்தில் கையொப்பமிடுகிறது',
    witnesses: 'சாட்சிகளிடம் இணைக் கையொப்பம் பெற்று வெளியிடுகிறது',
    signature_watch: 'ஏதேனும் கையொப்பத்திற்கு நீண்ட நேரம் காத்திருக்கிறதா எனப் பார்க்கிறது',
    scrub: 'சேமித்த எல்லாவற்றையும் மீண்டும் படித்து, கையொப்பமிட்டதுடன் ஒப்பிடுகிறது',
    anchor: 'வெளியிட்ட மிகப் புதிய சரிபார்ப்புப் புள்ளியை நிறுவனத்திற்கு வெளியே கொண்டு செல்கிறது',
    clock_doubt: 'சாட்சிகள் நம் கடிகாரத்துடன் ஒத்துப்போகிறார்களா எனப் பார்க்கிறது',
    sweep_of_uploads: 'முடிக்காத பதிவேற்றங்களை நீக்குகிறது',
    scrub_of_reports: 'ஒவ்வொரு அறிக்கைக் கோப்பையும் மீண்டும் படித்து அதன் கைரேகையுடன் ஒப்பிடுகிறது',
    sweep_of_codes: 'முடிந்த குறியீடுகளையும், அவற்றுக்காகக் காத்திருந்தவற்றையும், கடிதங்களையும் நீக்குகிறது',
    kept_documents: 'முடிந்த பார்வைகளின் ஆவணங்களை விடுவிக்கிறது',
    reaction_expire_viewing: 'நேரம் முடிந்த பார்வைகளை முடிக்கிறது',
    reaction_record_anchor: 'நங்கூரங்கள் தந்ததைப் பதிவேட்டில் பதிகிறது',
    metrics_upkeep: 'கண்காணிப்பு எண்களைச் சிறிதாக வைக்கிறது',
  },
)
