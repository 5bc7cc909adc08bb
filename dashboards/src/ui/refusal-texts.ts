// The problems that people meet, in their own words: what refused, and what to do next. What has no text here
// is said as the service said it.
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
    wrong_credentials:
      'The e-mail address or the password is not right. Check both; after several failures each try takes longer.',
    wrong_code:
      'The code is not right. Look into the newest letter; after five wrong tries ask for a new code.',
    dead_code: 'This code is too old, was used, or belongs to something else. Ask for a new one.',
    address_taken:
      'This e-mail address belongs to an account already. Log in with it, or use another address.',
    login_slowed: 'Too many failed attempts in a row. Wait a moment and try again.',
    login_locked:
      'Too many failed attempts: this address is locked for you for a while. Wait; from elsewhere the account is not locked.',
    login_crowded:
      'Many attempts to log in with this address have failed. Wait as long as it says below, or log in from where you have been before.',
    too_many_requests: 'Too many requests of this kind. Wait a moment and try again.',
    link_dead:
      'This link is wrong, too old, or was replaced by a newer one. Restart the service, or run “medlock first-admin”, to get a new link.',
    admin_exists: 'This installation has an admin already. Log in as that admin.',
    first_admin_from_elsewhere:
      'The first admin comes in from the machine that runs the service. Open the link there, or let the operator name your network in http.first_admin_from.',
    unsound_period:
      'The period must end after it begins and after now, and last a year at most. Correct it.',
    unsound_scope: 'Choose between one and 200 reports, or at least one kind.',
    no_views: 'Allow at least one viewing, or set no maximum.',
    too_large: 'The file is larger than is taken here.',
    not_of_its_type:
      'The file is not what its name says; nothing was stored. Choose the right file, or keep it as “other file”.',
    record_full: 'Your record has no room for this file. Ask whoever runs the service for more.',
    upload_broken_off: 'The upload broke off; nothing was stored. Try again.',
    too_many_uploads:
      'You have as many uploads under way as one account may. Wait until one is done.',
    disk_full:
      'The service’s disk is full: nothing was stored, nothing is lost. Tell the operator, and try again later.',
    busy: 'The service is busy. Try again in a moment.',
    changed_meanwhile:
      'This changed since you looked at it; nothing was done. Look again, and decide anew.',
    foreign_origin:
      'The page was opened at another address than the service’s own. Open it at its own address; the operator may have to set http.public_url.',
    failed: 'Something broke at the service. Tell the operator the trace below.',
    not_found: 'There is nothing here, or it is not yours to see.',
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
    wrong_credentials:
      'மின்னஞ்சல் முகவரி அல்லது கடவுச்சொல் சரியில்லை. இரண்டையும் சரிபாருங்கள்; பல தோல்விகளுக்குப் பின் ஒவ்வொரு முயற்சியும் தாமதமாகும்.',
    wrong_code:
      'குறியீடு சரியில்லை. புதிய கடிதத்தைப் பாருங்கள்; ஐந்து தவறான முயற்சிகளுக்குப் பின் புதிய குறியீட்டைக் கேளுங்கள்.',
    dead_code: 'இந்தக் குறியீடு பழையது, பயன்படுத்தப்பட்டது, அல்லது வேறொன்றுக்கு உரியது. புதியதைக் கேளுங்கள்.',
    address_taken:
      'இந்த மின்னஞ்சல் முகவரிக்கு ஏற்கனவே கணக்கு உள்ளது. அதில் உள்நுழையுங்கள், அல்லது வேறு முகவரியைப் பயன்படுத்துங்கள்.',
    login_slowed: 'தொடர்ச்சியாகப் பல தோல்விகள். சற்றுக் காத்திருந்து மீண்டும் முயலுங்கள்.',
    login_locked:
      'பல தோல்விகள்: இந்த முகவரி உங்களுக்குச் சிறிது நேரம் பூட்டப்பட்டுள்ளது. காத்திருங்கள்; வேறு இடத்திலிருந்து கணக்கு பூட்டப்படவில்லை.',
    login_crowded:
      'இந்த முகவரியில் பல உள்நுழைவு முயற்சிகள் தோற்றன. கீழே சொல்லும் நேரம் காத்திருங்கள், அல்லது முன்பு உள்நுழைந்த இடத்திலிருந்து முயலுங்கள்.',
    too_many_requests: 'இவ்வகைக் கோரிக்கைகள் மிக அதிகம். சற்றுக் காத்திருந்து மீண்டும் முயலுங்கள்.',
    link_dead:
      'இந்த இணைப்பு தவறானது, பழையது, அல்லது புதியதால் மாற்றப்பட்டது. புதிய இணைப்புக்குச் சேவையை மறுதொடக்கம் செய்யுங்கள், அல்லது “medlock first-admin” இயக்குங்கள்.',
    admin_exists: 'இந்த நிறுவலுக்கு ஏற்கனவே நிர்வாகி உள்ளார். அவராக உள்நுழையுங்கள்.',
    first_admin_from_elsewhere:
      'முதல் நிர்வாகி சேவை இயங்கும் கணினியிலிருந்தே வர வேண்டும். இணைப்பை அங்கே திறக்கவும், அல்லது http.first_admin_from இல் உங்கள் வலையமைப்பைக் குறிப்பிடச் சொல்லவும்.',
    unsound_period:
      'காலம் தொடங்கிய பின்னும் இப்போதைக்குப் பின்னும் முடிய வேண்டும், அதிகபட்சம் ஓராண்டு. திருத்துங்கள்.',
    unsound_scope: 'ஒன்று முதல் 200 அறிக்கைகள் வரை, அல்லது குறைந்தது ஒரு வகையைத் தேர்ந்தெடுங்கள்.',
    no_views: 'குறைந்தது ஒரு பார்வையை அனுமதியுங்கள், அல்லது வரம்பு வைக்காதீர்கள்.',
    too_large: 'கோப்பு இங்கே ஏற்கப்படுவதை விடப் பெரியது.',
    not_of_its_type:
      'கோப்பு அதன் பெயர் சொல்வது அல்ல; எதுவும் சேமிக்கப்படவில்லை. சரியான கோப்பைத் தேர்ந்தெடுங்கள், அல்லது “வேறு கோப்பு” என வைத்திருங்கள்.',
    record_full: 'உங்கள் பதிவில் இந்தக் கோப்புக்கு இடமில்லை. சேவையை இயக்குபவரிடம் கேளுங்கள்.',
    upload_broken_off: 'பதிவேற்றம் தடைபட்டது; எதுவும் சேமிக்கப்படவில்லை. மீண்டும் முயலுங்கள்.',
    too_many_uploads: 'ஒரு கணக்குக்குரிய அளவு பதிவேற்றங்கள் நடக்கின்றன. ஒன்று முடியும் வரை காத்திருங்கள்.',
    disk_full:
      'சேவையின் வட்டு நிரம்பியது: எதுவும் சேமிக்கப்படவில்லை, எதுவும் இழக்கப்படவில்லை. இயக்குநரிடம் சொல்லி, பின்னர் முயலுங்கள்.',
    busy: 'சேவை வேலையாக உள்ளது. சிறிது நேரத்தில் மீண்டும் முயலுங்கள்.',
    changed_meanwhile:
      'நீங்கள் பார்த்த பின் இது மாறியது; எதுவும் செய்யப்படவில்லை. மீண்டும் பார்த்து முடிவு செய்யுங்கள்.',
    foreign_origin:
      'பக்கம் சேவையின் சொந்த முகவரியில் திறக்கப்படவில்லை. சரியான முகவரியில் திறக்கவும்; இயக்குநர் http.public_url அமைக்க வேண்டியிருக்கலாம்.',
    failed: 'சேவையில் ஏதோ பழுது. கீழுள்ள தடத்தை இயக்குநரிடம் சொல்லுங்கள்.',
    not_found: 'இங்கே எதுவும் இல்லை, அல்லது அது உங்களுக்குரியது அல்ல.',
  },
)
