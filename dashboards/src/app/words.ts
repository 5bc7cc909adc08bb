// What the shell and every screen say.
import { texts } from './texts'

export const shellTexts = texts(
  'shell',
  {
    skip: 'Skip to the content',
    areas: 'Areas',
    account: 'My account',
    logOut: 'Log out',
    logIn: 'Log in',
    language: 'Language',
    theme: 'Light or dark',
    light: 'Light',
    dark: 'Dark',
    auto: 'As my device',
    loading: 'Loading',
    demo: 'A demonstration: all people and reports are made up.',
    offline:
      'No connection. What you see may be out of date; it goes on by itself when you are back.',
    crowded:
      'Medlock is open in too many windows: this one no longer moves by itself. Close some; what you do here works.',
    lostTitle: 'You have been signed out',
    lostText:
      'Your session is over. Sign in again and go on where you were: nothing you filled in is lost.',
    somebodyElse: 'Leave this page instead',
    back: 'Back',
    notFoundTitle: 'There is nothing here',
    notFoundText: 'The address leads nowhere, or to something that is not yours to see.',
    home: 'To the start page',
    noArea: 'There are no screens for your kind of account yet.',
  },
  {
    skip: 'உள்ளடக்கத்திற்குச் செல்',
    areas: 'பகுதிகள்',
    account: 'என் கணக்கு',
    logOut: 'வெளியேறு',
    logIn: 'உள்நுழை',
    language: 'மொழி',
    theme: 'ஒளி அல்லது இருள்',
    light: 'ஒளி',
    dark: 'இருள்',
    auto: 'என் சாதனம் போல',
    loading: 'ஏற்றப்படுகிறது',
    demo: 'இது ஒரு செயல்விளக்கம்: இங்குள்ள நபர்களும் அறிக்கைகளும் கற்பனையே.',
    offline: 'இணைப்பு இல்லை. நீங்கள் காண்பது பழையதாக இருக்கலாம்; இணைப்பு வந்ததும் தானாகத் தொடரும்.',
    crowded:
      'Medlock மிக அதிகச் சாளரங்களில் திறந்துள்ளது: இது இனி தானாக மாறாது. சிலவற்றை மூடுங்கள்; இங்கே செய்வது நடக்கும்.',
    lostTitle: 'நீங்கள் வெளியேற்றப்பட்டீர்கள்',
    lostText:
      'உங்கள் அமர்வு முடிந்தது. மீண்டும் உள்நுழைந்து விட்ட இடத்திலிருந்து தொடருங்கள்: நிரப்பியது எதுவும் இழக்கப்படவில்லை.',
    somebodyElse: 'இந்தப் பக்கத்தை விட்டு வெளியேறு',
    back: 'பின்செல்',
    notFoundTitle: 'இங்கே எதுவும் இல்லை',
    notFoundText: 'இந்த முகவரி எங்கும் செல்லவில்லை, அல்லது உங்களுக்குரியது அல்ல.',
    home: 'தொடக்கப் பக்கத்திற்கு',
    noArea: 'உங்கள் வகைக் கணக்கிற்கு இன்னும் திரைகள் இல்லை.',
  },
)
