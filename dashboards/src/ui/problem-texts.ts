// Every code that the service refuses with, in a person's own words: what refused, and what to do next. Loaded once
// something was refused; a test says which code has no words.
import { texts } from '../app/texts'

export const problemTexts = texts(
  'problems',
  {
    address_not_confirmed:
      'This doctor’s e-mail address does not name their account: they could never log in. Ask the doctor to register again and to answer the letter.',
    address_taken:
      'This e-mail address belongs to an account already. Log in with it, or use another address.',
    admin_exists: 'This installation has an admin already. Log in as that admin.',
    already_issued: 'This was answered before, with a secret that is not given twice. Ask anew.',
    anchor_is_newer: 'This anchor holds a newer checkpoint already. Anchor the newest checkpoint.',
    bad_body:
      'The service did not understand what this page sent. Reload the page; if it stays so, tell the operator.',
    bad_cursor: 'The list cannot be gone on with from here. Reload the page to begin it anew.',
    bad_form: 'Some fields are not of their form. Correct those that are named below.',
    bad_header:
      'The service did not understand how this page asked. Reload the page; if it stays so, tell the operator.',
    bad_query:
      'The address of this page asks for something that is not of its form. Correct the filter, or go there anew from the menu.',
    beyond_the_log:
      'This page has seen more than the service has: it was set back. Reload the page.',
    body_too_slow:
      'What you sent did not come in time. Send it again, over a better connection if this one is slow.',
    busy: 'The service is busy. Try again in a moment.',
    cannot_be_drawn:
      'This kind of file cannot be shown to a doctor, so a doctor cannot add it. Choose a PDF, PNG, JPEG or plain text.',
    cannot_draw: 'The pages of this report cannot be drawn. Ask the patient to download it.',
    changed_meanwhile:
      'This changed since you looked at it; nothing was done. Look again, and decide anew.',
    clock_behind:
      'The service’s clock is behind its log; nothing is written until it is right. Tell the operator.',
    clock_not_behind:
      'The clock is not behind the log: there is nothing to correct. If the clock is wrong, set the clock.',
    clock_off_witness:
      'The service’s clock is not the time its witnesses say; nothing is written until they agree. Tell the operator.',
    consent_expired: 'The patient’s consent has expired. Ask the patient for a new one.',
    consent_not_yet:
      'The patient’s consent has not begun yet. Wait until it begins, or ask the patient to change it.',
    consent_revoked: 'The patient has revoked the consent. Ask the patient for a new one.',
    contended: 'Too much happens in the same record at once. Try again.',
    csrf: 'This page no longer belongs to your session. Reload the page and try again.',
    dead_code: 'This code is too old, was used, or belongs to something else. Ask for a new one.',
    dead_ticket:
      'The upload took too long, or was begun in another session. Choose the file again.',
    disk_full:
      'The service’s disk is full: nothing was stored, nothing is lost. Tell the operator, and try again later.',
    does_not_fit_a_code:
      'This receipt is too long for a QR code. Take the file or the page instead.',
    encoding_not_taken:
      'What was sent came compressed, which is not taken here. Reload the page; something between you and the service may be in the way.',
    event_too_long: 'What you sent is too much for one entry. Say less.',
    failed: 'Something broke at the service. Tell the operator the trace below.',
    first_admin_from_elsewhere:
      'The first admin comes in from the machine that runs the service. Open the link there, or let the operator name your network in http.first_admin_from.',
    foreign_origin:
      'The page was opened at another address than the service’s own. Open it at its own address; the operator may have to set http.public_url.',
    grantee_barred:
      'You barred this doctor: a consent would open nothing. Lift the bar first if you want to let them in.',
    idempotency_key_reused:
      'This was sent before with other content. Reload the page and send it anew.',
    in_flight: 'The same request is being worked on. Wait for its answer.',
    link_dead:
      'This link is wrong, too old, or was replaced by a newer one. Restart the service, or run “medlock first-admin”, to get a new link.',
    log_goes_on_from_another:
      'The log goes on from another one already. Continue the log as it is now, under a further origin.',
    log_key_overlap_too_long:
      'Two keys sign together for 30 days at most. Choose a shorter overlap.',
    log_keys_overlap:
      'The key before the newest still signs. Wait until their overlap ends, then rotate again.',
    log_origin_used:
      'The older log had this origin already. Choose one that no log of this organisation ever had.',
    log_unsigned:
      'The log that would prove this has not been signed for too long; nothing is shown until it is. Try again in a moment; if it stays so, tell the operator.',
    login_crowded:
      'Many attempts to log in with this address have failed. Wait as long as it says below, or log in from where you have been before.',
    login_locked:
      'Too many failed attempts: this address is locked for you for a while. Wait; from elsewhere the account is not locked.',
    login_slowed: 'Too many failed attempts in a row. Wait a moment and try again.',
    method_not_allowed:
      'This cannot be done here. Reload the page; if it stays so, tell the operator.',
    needs_password:
      'This report opens only with a password, which is not known here. Ask whoever added it for a copy without one.',
    no_authenticator_app: 'This account has no authenticator app. Set one up.',
    no_consent_in_force: 'The patient’s consent is not in force. Ask the patient for a new one.',
    no_letters:
      'No code is sent to this account: it has a second factor of its own. Answer with your app, a passkey or a recovery code.',
    no_more_codes: 'No more codes are sent for this. Enter the newest one, or begin again.',
    no_passkey: 'This account has no passkey. Enter the code from the letter.',
    no_such_account: 'There is no such account to admit. Let the admin register first.',
    no_such_consent: 'There is no such consent. Choose from your consents.',
    no_such_doctor: 'There is no such doctor to choose. Look for the name again.',
    no_such_page: 'The report has no such page. Choose one from the list of pages.',
    no_such_part: 'The file has no such part. Download it again from the beginning.',
    no_such_passkey: 'There is no such passkey any more. Look at your passkeys again.',
    no_such_practice: 'There is no verified practice of this kind. Choose one from the directory.',
    no_such_region: 'The page has no such part. Look at the whole page and go nearer from there.',
    no_such_report: 'The consent names a report that you do not have. Choose from your reports.',
    no_such_session: 'There is no such session any more. Look at your sessions again.',
    no_such_token: 'What was opened does not belong to this session. Ask for the report again.',
    no_such_viewing: 'There is no such viewing in this session. Ask for the report again.',
    no_views: 'Allow at least one viewing, or set no maximum.',
    not_a_file:
      'Something else than the file itself was sent; nothing was stored. Choose the file again.',
    not_an_admin: 'Only an admin changes a doctor’s standing. Log in as an admin.',
    not_found: 'There is nothing here, or it is not yours to see.',
    not_json:
      'The service did not understand what this page sent. Reload the page; if it stays so, tell the operator.',
    not_of_its_type:
      'The file is not what its name says; nothing was stored. Choose the right file, or keep it as “other file”.',
    not_published_yet:
      'This is not in a signed checkpoint yet. Try again in a second; if it stays so, tell the operator.',
    not_revoked:
      'This consent was not taken back, so there is no receipt of that. Take the receipt of its giving.',
    not_signed_in: 'You are not signed in, or your session is over. Log in.',
    not_the_next_log_key:
      'Another key became the newest meanwhile. Look which key signs now, and rotate again if you still want to.',
    not_this_checkpoint:
      'The checkpoint is not one of this size. Record the signed note as it was anchored, and the size it names.',
    nothing_to_continue: 'The older log has no events. Start the service: it makes a log.',
    nothing_to_recover:
      'Recovery codes stand in for an authenticator app or a passkey, and you have neither. Set one up first.',
    only_a_verified_doctor:
      'Only a verified doctor who is not suspended may see or add a report. Ask an admin of the organisation about your verification.',
    only_an_open_session: 'The session this was opened in is over. Log in again.',
    other_type: 'The file changed its kind while it was sent; nothing was stored. Choose it again.',
    passkey_not_taken:
      'The passkey’s answer does not fit what was asked. Begin again, in the same browser and at the same address.',
    passkeys_not_here:
      'Passkeys need an address with a name, and this one has none. Enter the code from the letter; the operator may set http.public_url.',
    purpose_not_consentable:
      'Breaking the glass is never covered by a consent. Choose another purpose.',
    purpose_not_covered:
      'The patient’s consent does not cover this purpose. Ask for the report under the purpose the patient agreed to.',
    read_model_behind: 'The lists have not seen your change yet. Try again in a moment.',
    record_full: 'Your record has no room for this file. Ask whoever runs the service for more.',
    refresh_reused:
      'This session was used from two places and has been ended. Log in again. If you did not use it twice, somebody else has it.',
    report_excepted:
      'The patient keeps this report closed. Ask the patient to extend the consent if you need it.',
    report_exists: 'This upload was finished before with other content. Choose the file again.',
    scope_does_not_cover:
      'The patient’s consent does not cover this report. Ask the patient to extend the consent if you need it.',
    step_up_required:
      'This must be confirmed: a code was sent to you. Do it again and enter the code.',
    stored_file_damaged:
      'The stored file does not open; nothing of it was shown. Tell the operator.',
    token_expired: 'What you asked for was not opened in time. Ask for the report again.',
    token_used: 'What you asked for was opened before. Ask for the report again.',
    too_heavy:
      'Drawing this page takes more time or memory than is allowed. Ask the patient to download the report.',
    too_large: 'The file is larger than is taken here.',
    too_many_bars:
      'You bar as many doctors, and hide as many reports, as one record may. Close the whole record, or lift a bar that you need no more.',
    too_many_bundles:
      'A history is being packed for your account. Wait until it has come, then ask for the next.',
    too_many_connections:
      'Too many connections are open. Close some windows, or try again in a moment.',
    too_many_downloads:
      'You have as many downloads under way as one account may. Wait until one is done.',
    too_many_pages:
      'You have asked for more pages at once than wait for one reader. Wait for those, then ask for the next.',
    too_many_passkeys:
      'This account has as many passkeys as it may have. Remove one that you no longer use.',
    too_many_receipts:
      'You ask for as many receipts at once as one account may. Wait for those, then ask for the next.',
    too_many_requests: 'Too many requests of this kind. Wait a moment and try again.',
    too_many_streams:
      'Medlock is open in as many windows as one account may have. Close one of them.',
    too_many_unused_tokens:
      'You have asked for this patient’s reports more often than you opened them. Wait five minutes, then ask again.',
    too_many_uploads:
      'You have as many uploads under way as one account may. Wait until one is done.',
    unsound_period:
      'The period must end after it begins and after now, and last a year at most. Correct it.',
    unsound_scope: 'Choose between one and 200 reports, or at least one kind.',
    upload_broken_off: 'The upload broke off; nothing was stored. Try again.',
    viewing_ended: 'The viewing was ended. Ask for the report again if you need it.',
    viewing_expired: 'The viewing’s time is over. Ask for the report again if you need it.',
    views_used_up:
      'The number of viewings the patient allowed is used up. Ask the patient for a new consent.',
    wrong_code:
      'The code is not right. Look into the newest letter; after five wrong tries ask for a new code.',
    wrong_credentials:
      'The e-mail address or the password is not right. Check both; after several failures each try takes longer.',
    wrong_first_code:
      'This is not the code that the app shows for this key. Type what it shows now; if it stays wrong, let the telephone set its clock by itself.',
    wrong_passkey:
      'The passkey’s answer is not right. Use the passkey again, or enter the code from the letter.',
    wrong_role: 'This is not for accounts of your kind. Log in with the right account.',
    wrong_standing:
      'The doctor’s standing changed meanwhile and does not allow this step. Look at it again.',
  },
  {
    address_not_confirmed:
      'இந்த மருத்துவரின் மின்னஞ்சல் முகவரி அவரது கணக்கைக் குறிக்கவில்லை: அவரால் உள்நுழையவே முடியாது. மீண்டும் பதிவு செய்து கடிதத்திற்குப் பதிலளிக்கச் சொல்லுங்கள்.',
    address_taken:
      'இந்த மின்னஞ்சல் முகவரிக்கு ஏற்கனவே கணக்கு உள்ளது. அதில் உள்நுழையுங்கள், அல்லது வேறு முகவரியைப் பயன்படுத்துங்கள்.',
    admin_exists: 'இந்த நிறுவலுக்கு ஏற்கனவே நிர்வாகி உள்ளார். அவராக உள்நுழையுங்கள்.',
    already_issued:
      'இதற்கு முன்பே பதிலளிக்கப்பட்டது; அதிலிருந்த இரகசியம் இருமுறை தரப்படாது. புதிதாகக் கேளுங்கள்.',
    anchor_is_newer: 'இந்த நங்கூரத்தில் புதிய சரிபார்ப்புப் புள்ளி ஏற்கனவே உள்ளது. மிகப் புதியதை நங்கூரமிடுங்கள்.',
    bad_body:
      'இப்பக்கம் அனுப்பியதைச் சேவை புரிந்துகொள்ளவில்லை. பக்கத்தை மீண்டும் ஏற்றுங்கள்; தொடர்ந்தால் இயக்குநரிடம் சொல்லுங்கள்.',
    bad_cursor: 'பட்டியலை இங்கிருந்து தொடர முடியாது. பக்கத்தை மீண்டும் ஏற்றித் தொடக்கத்திலிருந்து பாருங்கள்.',
    bad_form: 'சில புலங்கள் சரியான வடிவில் இல்லை. கீழே பெயரிட்டவற்றைத் திருத்துங்கள்.',
    bad_header:
      'இப்பக்கம் கேட்ட விதத்தைச் சேவை புரிந்துகொள்ளவில்லை. பக்கத்தை மீண்டும் ஏற்றுங்கள்; தொடர்ந்தால் இயக்குநரிடம் சொல்லுங்கள்.',
    bad_query:
      'இப்பக்கத்தின் முகவரி சரியான வடிவில் இல்லாத ஒன்றைக் கேட்கிறது. வடிகட்டியைத் திருத்துங்கள், அல்லது பட்டியலிலிருந்து மீண்டும் செல்லுங்கள்.',
    beyond_the_log:
      'சேவையில் உள்ளதை விட இப்பக்கம் அதிகம் கண்டுள்ளது: சேவை பின்னோக்கி அமைக்கப்பட்டது. பக்கத்தை மீண்டும் ஏற்றுங்கள்.',
    body_too_slow:
      'நீங்கள் அனுப்பியது நேரத்திற்குள் வரவில்லை. மீண்டும் அனுப்புங்கள்; இணைப்பு மெதுவானால் வேறு இணைப்பில் முயலுங்கள்.',
    busy: 'சேவை வேலையாக உள்ளது. சிறிது நேரத்தில் மீண்டும் முயலுங்கள்.',
    cannot_be_drawn:
      'இவ்வகைக் கோப்பை மருத்துவருக்குக் காட்ட முடியாது; எனவே மருத்துவர் சேர்க்கவும் முடியாது. PDF, PNG, JPEG அல்லது எளிய உரையைத் தேர்ந்தெடுங்கள்.',
    cannot_draw: 'இந்த அறிக்கையின் பக்கங்களை வரைய முடியாது. பதிவிறக்கச் சொல்லி நோயாளியைக் கேளுங்கள்.',
    changed_meanwhile:
      'நீங்கள் பார்த்த பின் இது மாறியது; எதுவும் செய்யப்படவில்லை. மீண்டும் பார்த்து முடிவு செய்யுங்கள்.',
    clock_behind:
      'சேவையின் கடிகாரம் பதிவேட்டை விடப் பின்தங்கியுள்ளது; சரியாகும் வரை எதுவும் எழுதப்படாது. இயக்குநரிடம் சொல்லுங்கள்.',
    clock_not_behind:
      'கடிகாரம் பதிவேட்டை விடப் பின்தங்கவில்லை: திருத்த எதுவுமில்லை. கடிகாரம் தவறானால் அதையே சரிசெய்யுங்கள்.',
    clock_off_witness:
      'சேவையின் கடிகாரமும் சாட்சிகள் சொல்லும் நேரமும் வேறுபடுகின்றன; ஒத்துப்போகும் வரை எதுவும் எழுதப்படாது. இயக்குநரிடம் சொல்லுங்கள்.',
    consent_expired: 'நோயாளியின் ஒப்புதல் காலாவதியானது. புதிய ஒப்புதலை நோயாளியிடம் கேளுங்கள்.',
    consent_not_yet:
      'நோயாளியின் ஒப்புதல் இன்னும் தொடங்கவில்லை. தொடங்கும் வரை காத்திருங்கள், அல்லது மாற்றச் சொல்லி நோயாளியைக் கேளுங்கள்.',
    consent_revoked: 'நோயாளி ஒப்புதலைத் திரும்பப் பெற்றார். புதிய ஒப்புதலை நோயாளியிடம் கேளுங்கள்.',
    contended: 'ஒரே பதிவில் ஒரே நேரத்தில் பல நடக்கின்றன. மீண்டும் முயலுங்கள்.',
    csrf: 'இப்பக்கம் இனி உங்கள் அமர்வுக்குரியது அல்ல. பக்கத்தை மீண்டும் ஏற்றி முயலுங்கள்.',
    dead_code: 'இந்தக் குறியீடு பழையது, பயன்படுத்தப்பட்டது, அல்லது வேறொன்றுக்கு உரியது. புதியதைக் கேளுங்கள்.',
    dead_ticket: 'பதிவேற்றம் மிக நீண்டது, அல்லது வேறு அமர்வில் தொடங்கியது. கோப்பை மீண்டும் தேர்ந்தெடுங்கள்.',
    disk_full:
      'சேவையின் வட்டு நிரம்பியது: எதுவும் சேமிக்கப்படவில்லை, எதுவும் இழக்கப்படவில்லை. இயக்குநரிடம் சொல்லி, பின்னர் முயலுங்கள்.',
    does_not_fit_a_code: 'இந்த ரசீது QR குறியீட்டிற்கு மிக நீளமானது. பதிலாகக் கோப்பை அல்லது பக்கத்தை எடுங்கள்.',
    encoding_not_taken:
      'அனுப்பியது சுருக்கப்பட்டு வந்தது; இங்கே அது ஏற்கப்படாது. பக்கத்தை மீண்டும் ஏற்றுங்கள்; இடையில் ஏதோ தடுக்கலாம்.',
    event_too_long: 'நீங்கள் அனுப்பியது ஒரு பதிவுக்கு மிக அதிகம். சுருக்குங்கள்.',
    failed: 'சேவையில் ஏதோ பழுது. கீழுள்ள தடத்தை இயக்குநரிடம் சொல்லுங்கள்.',
    first_admin_from_elsewhere:
      'முதல் நிர்வாகி சேவை இயங்கும் கணினியிலிருந்தே வர வேண்டும். இணைப்பை அங்கே திறக்கவும், அல்லது http.first_admin_from இல் உங்கள் வலையமைப்பைக் குறிப்பிடச் சொல்லவும்.',
    foreign_origin:
      'பக்கம் சேவையின் சொந்த முகவரியில் திறக்கப்படவில்லை. சரியான முகவரியில் திறக்கவும்; இயக்குநர் http.public_url அமைக்க வேண்டியிருக்கலாம்.',
    grantee_barred:
      'இந்த மருத்துவரை நீங்கள் தடுத்துள்ளீர்கள்: ஒப்புதல் எதையும் திறக்காது. அனுமதிக்க விரும்பினால் முதலில் தடையை நீக்குங்கள்.',
    idempotency_key_reused:
      'இது முன்பு வேறு உள்ளடக்கத்துடன் அனுப்பப்பட்டது. பக்கத்தை மீண்டும் ஏற்றிப் புதிதாக அனுப்புங்கள்.',
    in_flight: 'இதே கோரிக்கை நடந்துகொண்டிருக்கிறது. அதன் பதிலுக்குக் காத்திருங்கள்.',
    link_dead:
      'இந்த இணைப்பு தவறானது, பழையது, அல்லது புதியதால் மாற்றப்பட்டது. புதிய இணைப்புக்குச் சேவையை மறுதொடக்கம் செய்யுங்கள், அல்லது “medlock first-admin” இயக்குங்கள்.',
    log_goes_on_from_another:
      'பதிவேடு ஏற்கனவே வேறொன்றிலிருந்து தொடர்கிறது. இப்போதுள்ள பதிவேட்டைப் புதிய பெயரில் தொடருங்கள்.',
    log_key_overlap_too_long:
      'இரு சாவிகள் அதிகபட்சம் 30 நாட்கள் சேர்ந்து கையொப்பமிடும். குறுகிய காலத்தைத் தேர்ந்தெடுங்கள்.',
    log_keys_overlap: 'புதியதற்கு முந்தைய சாவி இன்னும் கையொப்பமிடுகிறது. அக்காலம் முடிந்த பின் மீண்டும் மாற்றுங்கள்.',
    log_origin_used:
      'பழைய பதிவேட்டுக்கு இப்பெயர் ஏற்கனவே இருந்தது. இந்த நிறுவனத்தில் எப்போதும் பயன்படாத பெயரைத் தேர்ந்தெடுங்கள்.',
    log_unsigned:
      'இதை நிரூபிக்க வேண்டிய பதிவேடு நீண்ட நேரம் கையொப்பமிடப்படவில்லை; அதுவரை எதுவும் காட்டப்படாது. சிறிது நேரத்தில் முயலுங்கள்; தொடர்ந்தால் இயக்குநரிடம் சொல்லுங்கள்.',
    login_crowded:
      'இந்த முகவரியில் பல உள்நுழைவு முயற்சிகள் தோற்றன. கீழே சொல்லும் நேரம் காத்திருங்கள், அல்லது முன்பு உள்நுழைந்த இடத்திலிருந்து முயலுங்கள்.',
    login_locked:
      'பல தோல்விகள்: இந்த முகவரி உங்களுக்குச் சிறிது நேரம் பூட்டப்பட்டுள்ளது. காத்திருங்கள்; வேறு இடத்திலிருந்து கணக்கு பூட்டப்படவில்லை.',
    login_slowed: 'தொடர்ச்சியாகப் பல தோல்விகள். சற்றுக் காத்திருந்து மீண்டும் முயலுங்கள்.',
    method_not_allowed: 'இதை இங்கே செய்ய முடியாது. பக்கத்தை மீண்டும் ஏற்றுங்கள்; தொடர்ந்தால் இயக்குநரிடம் சொல்லுங்கள்.',
    needs_password:
      'இந்த அறிக்கை கடவுச்சொல் இருந்தால் மட்டுமே திறக்கும்; அது இங்கே தெரியாது. சேர்த்தவரிடம் கடவுச்சொல் இல்லாத பிரதியைக் கேளுங்கள்.',
    no_authenticator_app: 'இந்தக் கணக்கில் அங்கீகாரச் செயலி இல்லை. ஒன்றை அமையுங்கள்.',
    no_consent_in_force: 'நோயாளியின் ஒப்புதல் நடப்பில் இல்லை. புதிய ஒப்புதலை நோயாளியிடம் கேளுங்கள்.',
    no_letters:
      'இந்தக் கணக்கிற்குக் குறியீடு அனுப்பப்படாது: அதற்குச் சொந்த இரண்டாம் காரணி உள்ளது. உங்கள் செயலி, கடவுச்சாவி அல்லது மீட்புக் குறியீட்டால் பதிலளியுங்கள்.',
    no_more_codes:
      'இதற்கு இனிக் குறியீடுகள் அனுப்பப்படாது. மிகப் புதியதை உள்ளிடுங்கள், அல்லது மீண்டும் தொடங்குங்கள்.',
    no_passkey: 'இந்தக் கணக்கில் கடவுச்சாவி இல்லை. கடிதத்தில் உள்ள குறியீட்டை உள்ளிடுங்கள்.',
    no_such_account: 'அனுமதிக்க அப்படிக் கணக்கு இல்லை. நிர்வாகி முதலில் பதிவு செய்யட்டும்.',
    no_such_consent: 'அப்படி ஒப்புதல் இல்லை. உங்கள் ஒப்புதல்களிலிருந்து தேர்ந்தெடுங்கள்.',
    no_such_doctor: 'அப்படி மருத்துவர் இல்லை. பெயரை மீண்டும் தேடுங்கள்.',
    no_such_page: 'அறிக்கையில் அப்படிப் பக்கம் இல்லை. பக்கங்களின் பட்டியலிலிருந்து தேர்ந்தெடுங்கள்.',
    no_such_part: 'கோப்பில் அப்படிப் பகுதி இல்லை. தொடக்கத்திலிருந்து மீண்டும் பதிவிறக்குங்கள்.',
    no_such_passkey: 'அப்படிக் கடவுச்சாவி இனி இல்லை. உங்கள் கடவுச்சாவிகளை மீண்டும் பாருங்கள்.',
    no_such_practice: 'அப்படிச் சரிபார்க்கப்பட்ட மருத்துவமனை இல்லை. பட்டியலிலிருந்து தேர்ந்தெடுங்கள்.',
    no_such_region: 'பக்கத்தில் அப்படிப் பகுதி இல்லை. முழுப் பக்கத்தையும் பார்த்து அங்கிருந்து நெருங்குங்கள்.',
    no_such_report:
      'உங்களிடம் இல்லாத அறிக்கையை ஒப்புதல் குறிப்பிடுகிறது. உங்கள் அறிக்கைகளிலிருந்து தேர்ந்தெடுங்கள்.',
    no_such_session: 'அப்படி அமர்வு இனி இல்லை. உங்கள் அமர்வுகளை மீண்டும் பாருங்கள்.',
    no_such_token: 'திறந்தது இந்த அமர்வுக்குரியது அல்ல. அறிக்கையை மீண்டும் கேளுங்கள்.',
    no_such_viewing: 'இந்த அமர்வில் அப்படிப் பார்வை இல்லை. அறிக்கையை மீண்டும் கேளுங்கள்.',
    no_views: 'குறைந்தது ஒரு பார்வையை அனுமதியுங்கள், அல்லது வரம்பு வைக்காதீர்கள்.',
    not_a_file: 'கோப்பு அல்லாத வேறொன்று அனுப்பப்பட்டது; எதுவும் சேமிக்கப்படவில்லை. கோப்பை மீண்டும் தேர்ந்தெடுங்கள்.',
    not_an_admin: 'மருத்துவரின் நிலையை நிர்வாகி மட்டுமே மாற்றலாம். நிர்வாகியாக உள்நுழையுங்கள்.',
    not_found: 'இங்கே எதுவும் இல்லை, அல்லது அது உங்களுக்குரியது அல்ல.',
    not_json:
      'இப்பக்கம் அனுப்பியதைச் சேவை புரிந்துகொள்ளவில்லை. பக்கத்தை மீண்டும் ஏற்றுங்கள்; தொடர்ந்தால் இயக்குநரிடம் சொல்லுங்கள்.',
    not_of_its_type:
      'கோப்பு அதன் பெயர் சொல்வது அல்ல; எதுவும் சேமிக்கப்படவில்லை. சரியான கோப்பைத் தேர்ந்தெடுங்கள், அல்லது “வேறு கோப்பு” என வைத்திருங்கள்.',
    not_published_yet:
      'இது இன்னும் கையொப்பமிட்ட சரிபார்ப்புப் புள்ளியில் இல்லை. ஒரு வினாடியில் முயலுங்கள்; தொடர்ந்தால் இயக்குநரிடம் சொல்லுங்கள்.',
    not_revoked: 'இந்த ஒப்புதல் திரும்பப் பெறப்படவில்லை; எனவே அதற்கு ரசீது இல்லை. அளித்ததற்கான ரசீதை எடுங்கள்.',
    not_signed_in: 'நீங்கள் உள்நுழையவில்லை, அல்லது உங்கள் அமர்வு முடிந்தது. உள்நுழையுங்கள்.',
    not_the_next_log_key:
      'இதற்கிடையில் வேறு சாவி புதியதானது. எது கையொப்பமிடுகிறது எனப் பார்த்து, வேண்டுமானால் மீண்டும் மாற்றுங்கள்.',
    not_this_checkpoint:
      'சரிபார்ப்புப் புள்ளி இந்த அளவுடையது அல்ல. நங்கூரமிட்டபடியே கையொப்பக் குறிப்பையும் அது சொல்லும் அளவையும் பதியுங்கள்.',
    nothing_to_continue: 'பழைய பதிவேட்டில் நிகழ்வுகள் இல்லை. சேவையைத் தொடங்குங்கள்: அது பதிவேட்டை உருவாக்கும்.',
    nothing_to_recover:
      'மீட்புக் குறியீடுகள் அங்கீகாரச் செயலி அல்லது கடவுச்சாவிக்குப் பதிலானவை; உங்களிடம் இரண்டும் இல்லை. முதலில் ஒன்றை அமையுங்கள்.',
    only_a_verified_doctor:
      'சரிபார்க்கப்பட்ட, இடைநிறுத்தப்படாத மருத்துவர் மட்டுமே அறிக்கையைக் காணலாம், சேர்க்கலாம். உங்கள் சரிபார்ப்பைப் பற்றி நிறுவனத்தின் நிர்வாகியைக் கேளுங்கள்.',
    only_an_open_session: 'இது திறக்கப்பட்ட அமர்வு முடிந்தது. மீண்டும் உள்நுழையுங்கள்.',
    other_type: 'அனுப்பும்போது கோப்பின் வகை மாறியது; எதுவும் சேமிக்கப்படவில்லை. மீண்டும் தேர்ந்தெடுங்கள்.',
    passkey_not_taken:
      'கடவுச்சாவியின் பதில் கேட்டதற்குப் பொருந்தவில்லை. அதே உலாவியில், அதே முகவரியில் மீண்டும் தொடங்குங்கள்.',
    passkeys_not_here:
      'கடவுச்சாவிகளுக்குப் பெயருள்ள முகவரி தேவை; இங்கே இல்லை. கடிதத்தில் உள்ள குறியீட்டை உள்ளிடுங்கள்; இயக்குநர் http.public_url அமைக்கலாம்.',
    purpose_not_consentable: 'அவசர அணுகல் எந்த ஒப்புதலிலும் அடங்காது. வேறு நோக்கத்தைத் தேர்ந்தெடுங்கள்.',
    purpose_not_covered:
      'நோயாளியின் ஒப்புதலில் இந்த நோக்கம் அடங்காது. நோயாளி ஒப்புக்கொண்ட நோக்கத்தில் அறிக்கையைக் கேளுங்கள்.',
    read_model_behind: 'பட்டியல்கள் உங்கள் மாற்றத்தை இன்னும் காணவில்லை. சிறிது நேரத்தில் மீண்டும் முயலுங்கள்.',
    record_full: 'உங்கள் பதிவில் இந்தக் கோப்புக்கு இடமில்லை. சேவையை இயக்குபவரிடம் கேளுங்கள்.',
    refresh_reused:
      'இந்த அமர்வு இரு இடங்களிலிருந்து பயன்படுத்தப்பட்டதால் முடிக்கப்பட்டது. மீண்டும் உள்நுழையுங்கள். நீங்கள் இருமுறை பயன்படுத்தவில்லையென்றால் வேறொருவரிடம் அது உள்ளது.',
    report_excepted:
      'நோயாளி இந்த அறிக்கையை மூடி வைத்துள்ளார். தேவையானால் ஒப்புதலை விரிவாக்கச் சொல்லி நோயாளியைக் கேளுங்கள்.',
    report_exists: 'இந்தப் பதிவேற்றம் வேறு உள்ளடக்கத்துடன் முன்பே முடிந்தது. கோப்பை மீண்டும் தேர்ந்தெடுங்கள்.',
    scope_does_not_cover:
      'நோயாளியின் ஒப்புதலில் இந்த அறிக்கை அடங்காது. தேவையானால் ஒப்புதலை விரிவாக்கச் சொல்லி நோயாளியைக் கேளுங்கள்.',
    step_up_required:
      'இது உறுதிசெய்யப்பட வேண்டும்: உங்களுக்குக் குறியீடு அனுப்பப்பட்டது. மீண்டும் செய்து குறியீட்டை உள்ளிடுங்கள்.',
    stored_file_damaged: 'சேமித்த கோப்பு திறக்கவில்லை; அதில் எதுவும் காட்டப்படவில்லை. இயக்குநரிடம் சொல்லுங்கள்.',
    token_expired: 'நீங்கள் கேட்டது நேரத்திற்குள் திறக்கப்படவில்லை. அறிக்கையை மீண்டும் கேளுங்கள்.',
    token_used: 'நீங்கள் கேட்டது முன்பே திறக்கப்பட்டது. அறிக்கையை மீண்டும் கேளுங்கள்.',
    too_heavy:
      'இப்பக்கத்தை வரைய அனுமதித்ததை விட அதிக நேரமோ நினைவகமோ தேவை. அறிக்கையைப் பதிவிறக்கச் சொல்லி நோயாளியைக் கேளுங்கள்.',
    too_large: 'கோப்பு இங்கே ஏற்கப்படுவதை விடப் பெரியது.',
    too_many_bars:
      'ஒரு பதிவில் அனுமதித்த அளவு தடைகள் உள்ளன. முழுப் பதிவையும் மூடுங்கள், அல்லது தேவையற்ற தடையை நீக்குங்கள்.',
    too_many_bundles: 'உங்கள் கணக்குக்கு ஒரு வரலாறு தொகுக்கப்படுகிறது. அது வந்த பின் அடுத்ததைக் கேளுங்கள்.',
    too_many_connections:
      'மிக அதிக இணைப்புகள் திறந்துள்ளன. சில சாளரங்களை மூடுங்கள், அல்லது சிறிது நேரத்தில் முயலுங்கள்.',
    too_many_downloads: 'ஒரு கணக்குக்குரிய அளவு பதிவிறக்கங்கள் நடக்கின்றன. ஒன்று முடியும் வரை காத்திருங்கள்.',
    too_many_pages: 'ஒரே நேரத்தில் அளவுக்கு மேல் பக்கங்களைக் கேட்டுள்ளீர்கள். அவை வந்த பின் அடுத்ததைக் கேளுங்கள்.',
    too_many_passkeys: 'இந்தக் கணக்கில் அனுமதித்த அளவு கடவுச்சாவிகள் உள்ளன. இனிப் பயன்படாத ஒன்றை நீக்குங்கள்.',
    too_many_receipts:
      'ஒரு கணக்குக்குரிய அளவு ரசீதுகளை ஒரே நேரத்தில் கேட்கிறீர்கள். அவை வந்த பின் அடுத்ததைக் கேளுங்கள்.',
    too_many_requests: 'இவ்வகைக் கோரிக்கைகள் மிக அதிகம். சற்றுக் காத்திருந்து மீண்டும் முயலுங்கள்.',
    too_many_streams: 'ஒரு கணக்குக்குரிய அளவு சாளரங்களில் Medlock திறந்துள்ளது. ஒன்றை மூடுங்கள்.',
    too_many_unused_tokens:
      'இந்த நோயாளியின் அறிக்கைகளைத் திறந்ததை விட அதிக முறை கேட்டுள்ளீர்கள். ஐந்து நிமிடம் கழித்து மீண்டும் கேளுங்கள்.',
    too_many_uploads: 'ஒரு கணக்குக்குரிய அளவு பதிவேற்றங்கள் நடக்கின்றன. ஒன்று முடியும் வரை காத்திருங்கள்.',
    unsound_period:
      'காலம் தொடங்கிய பின்னும் இப்போதைக்குப் பின்னும் முடிய வேண்டும், அதிகபட்சம் ஓராண்டு. திருத்துங்கள்.',
    unsound_scope: 'ஒன்று முதல் 200 அறிக்கைகள் வரை, அல்லது குறைந்தது ஒரு வகையைத் தேர்ந்தெடுங்கள்.',
    upload_broken_off: 'பதிவேற்றம் தடைபட்டது; எதுவும் சேமிக்கப்படவில்லை. மீண்டும் முயலுங்கள்.',
    viewing_ended: 'பார்வை முடிக்கப்பட்டது. தேவையானால் அறிக்கையை மீண்டும் கேளுங்கள்.',
    viewing_expired: 'பார்வையின் நேரம் முடிந்தது. தேவையானால் அறிக்கையை மீண்டும் கேளுங்கள்.',
    views_used_up: 'நோயாளி அனுமதித்த பார்வைகள் தீர்ந்தன. புதிய ஒப்புதலை நோயாளியிடம் கேளுங்கள்.',
    wrong_code:
      'குறியீடு சரியில்லை. புதிய கடிதத்தைப் பாருங்கள்; ஐந்து தவறான முயற்சிகளுக்குப் பின் புதிய குறியீட்டைக் கேளுங்கள்.',
    wrong_credentials:
      'மின்னஞ்சல் முகவரி அல்லது கடவுச்சொல் சரியில்லை. இரண்டையும் சரிபாருங்கள்; பல தோல்விகளுக்குப் பின் ஒவ்வொரு முயற்சியும் தாமதமாகும்.',
    wrong_first_code:
      'இந்தத் திறவுகோலுக்குச் செயலி காட்டும் குறியீடு இதுவல்ல. இப்போது காட்டுவதை உள்ளிடுங்கள்; தொடர்ந்து தவறானால் தொலைபேசி தன் நேரத்தைத் தானே அமைக்கட்டும்.',
    wrong_passkey:
      'கடவுச்சாவியின் பதில் சரியில்லை. மீண்டும் பயன்படுத்துங்கள், அல்லது கடிதத்தில் உள்ள குறியீட்டை உள்ளிடுங்கள்.',
    wrong_role: 'இது உங்கள் வகைக் கணக்குக்கு உரியது அல்ல. சரியான கணக்கில் உள்நுழையுங்கள்.',
    wrong_standing: 'இதற்கிடையில் மருத்துவரின் நிலை மாறியது; இந்தப் படியை அது அனுமதிக்காது. மீண்டும் பாருங்கள்.',
  },
)
