import { texts } from '../../app/texts'

export const healthTexts = texts(
  'health',
  {
    title: 'Health',
    well: 'Everything is well',
    unwell: 'Something needs somebody',
    notReady: 'The service does not answer requests',
    wellText: 'Looked at every five seconds.',
    ok: 'well',
    waiting: 'waits',
    unwellJob: 'look at it',
    event_store: 'The log’s database',
    read_models: 'Lists and histories',
    descriptors: 'Files and connections',
    transparency_log: 'Signing and publishing',
    witnesses: 'Witnesses',
    anchors: 'Anchors',
    report_files: 'Reports’ files',
    do_event_store:
      'A full disk or a damaged file. Make room, or stop the service and run “medlock verify”; “medlock doctor” says what is wrong.',
    do_read_models: 'Run “medlock rebuild”: lists are made anew from the log, and nothing is lost.',
    do_descriptors: 'Raise the limit of open files (ulimit -n), or lower http.connections_max.',
    do_transparency_log:
      'Nothing is shown to doctors while the log is not signed. Look at the service’s own log for the first error of “log”.',
    do_witnesses:
      'Tell whoever runs the witness. Nothing stops here; the log is cosigned when it is back.',
    do_anchors:
      '“medlock anchors” says what each holds and since when; look at its settings and its account.',
    do_report_files: 'Put the files back from a backup; “medlock status” lists which.',
    behind: 'Lists are {{count}} events behind the log',
    upToDate: 'Lists are as new as the log',
    signed: '{{signed}} events signed, {{published}} published',
    scrubbed: 'Everything stored was last read again {{when}}',
    neverScrubbed: 'Everything stored is being read again for the first time since the start',
    filesRead: '{{count}} reports’ files read again in this pass',
    jobs: 'What runs in the background',
    job: 'Job',
    state: 'State',
    last: 'Last well',
    never: 'not since the start',
    ago: '{{span}} ago',
    do_clock_doubt:
      'Compare the service’s clock with another source of time, and correct it; nothing is written while they differ.',
    do_scrub:
      'Something stored is not what was signed. Stop the service, copy the data folder aside, and run “medlock verify”.',
    do_job:
      'It is tried again by itself. If it stays so, look at the service’s own log for the first error of “{{job}}”.',
  },
  {
    title: 'நலம்',
    well: 'எல்லாம் நலம்',
    unwell: 'ஏதோ ஒன்றைக் கவனிக்க வேண்டும்',
    notReady: 'சேவை கோரிக்கைகளுக்குப் பதிலளிக்கவில்லை',
    wellText: 'ஐந்து வினாடிக்கு ஒருமுறை பார்க்கப்படும்.',
    ok: 'நலம்',
    waiting: 'காத்திருக்கிறது',
    unwellJob: 'கவனியுங்கள்',
    event_store: 'பதிவேட்டின் தரவுத்தளம்',
    read_models: 'பட்டியல்களும் வரலாறுகளும்',
    descriptors: 'கோப்புகளும் இணைப்புகளும்',
    transparency_log: 'கையொப்பமும் வெளியீடும்',
    witnesses: 'சாட்சிகள்',
    anchors: 'நங்கூரங்கள்',
    report_files: 'அறிக்கைகளின் கோப்புகள்',
    do_event_store:
      'வட்டு நிரம்பியது அல்லது கோப்பு சேதம். இடம் உண்டாக்குங்கள், அல்லது சேவையை நிறுத்தி “medlock verify” இயக்குங்கள்; “medlock doctor” என்ன தவறு எனச் சொல்லும்.',
    do_read_models: '“medlock rebuild” இயக்குங்கள்: பட்டியல்கள் பதிவேட்டிலிருந்து புதிதாகும், எதுவும் இழக்காது.',
    do_descriptors:
      'திறந்த கோப்புகளின் வரம்பை உயர்த்துங்கள் (ulimit -n), அல்லது http.connections_max ஐக் குறையுங்கள்.',
    do_transparency_log:
      'பதிவேடு கையொப்பமிடப்படாத வரை மருத்துவர்களுக்கு எதுவும் காட்டப்படாது. சேவையின் பதிவில் “log” இன் முதல் பிழையைப் பாருங்கள்.',
    do_witnesses:
      'சாட்சியை இயக்குபவரிடம் சொல்லுங்கள். இங்கே எதுவும் நிற்காது; அது திரும்பியதும் இணைக் கையொப்பமிடும்.',
    do_anchors: '“medlock anchors” ஒவ்வொன்றிலும் என்ன, எப்போதிலிருந்து எனச் சொல்லும்; அமைப்புகளைப் பாருங்கள்.',
    do_report_files: 'காப்புப் பிரதியிலிருந்து கோப்புகளை மீட்டெடுங்கள்; “medlock status” எவை எனச் சொல்லும்.',
    behind: 'பட்டியல்கள் பதிவேட்டை விட {{count}} நிகழ்வுகள் பின்தங்கியுள்ளன',
    upToDate: 'பட்டியல்கள் பதிவேட்டளவு புதியவை',
    signed: '{{signed}} நிகழ்வுகள் கையொப்பமிட்டவை, {{published}} வெளியிட்டவை',
    scrubbed: 'சேமித்த எல்லாம் கடைசியாக மீண்டும் படித்தது {{when}}',
    neverScrubbed: 'தொடங்கியதிலிருந்து முதன்முறையாகச் சேமித்த எல்லாம் மீண்டும் படிக்கப்படுகிறது',
    filesRead: 'இந்தச் சுற்றில் {{count}} அறிக்கைக் கோப்புகள் மீண்டும் படிக்கப்பட்டன',
    jobs: 'பின்னணியில் இயங்குபவை',
    job: 'பணி',
    state: 'நிலை',
    last: 'கடைசியாக நலம்',
    never: 'தொடங்கியதிலிருந்து இல்லை',
    ago: '{{span}} முன்',
    do_clock_doubt:
      'சேவையின் கடிகாரத்தை வேறு நேர மூலத்துடன் ஒப்பிட்டுத் திருத்துங்கள்; வேறுபடும் வரை எதுவும் எழுதப்படாது.',
    do_scrub:
      'சேமித்த ஏதோ கையொப்பமிட்டது போல் இல்லை. சேவையை நிறுத்தி, தரவுக் கோப்புறையை நகலெடுத்து, “medlock verify” இயக்குங்கள்.',
    do_job: 'அது தானாகவே மீண்டும் முயலப்படும். தொடர்ந்தால் சேவையின் பதிவில் “{{job}}” இன் முதல் பிழையைப் பாருங்கள்.',
  },
)
