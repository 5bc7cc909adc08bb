import { texts } from '../../app/texts'

export const loginTexts = texts(
  'login',
  {
    title: 'Log in',
    email: 'E-mail address',
    password: 'Password',
    next: 'Log in',
    codeTitle: 'Enter the code',
    codeText: 'We sent a letter with six digits to {{email}}. It is good for five minutes.',
    startAgain: 'Use another address',
    noAccount: 'No account yet?',
    register: 'Register as a patient',
    registerDoctor: 'Register as a doctor',
    check: 'Check a receipt or a history without an account',
  },
  {
    title: 'உள்நுழைக',
    email: 'மின்னஞ்சல் முகவரி',
    password: 'கடவுச்சொல்',
    next: 'உள்நுழை',
    codeTitle: 'குறியீட்டை உள்ளிடுக',
    codeText: '{{email}} முகவரிக்கு ஆறு இலக்கங்களுடன் கடிதம் அனுப்பினோம். ஐந்து நிமிடங்களுக்குச் செல்லும்.',
    startAgain: 'வேறு முகவரியைப் பயன்படுத்து',
    noAccount: 'கணக்கு இல்லையா?',
    register: 'நோயாளியாகப் பதிவு செய்க',
    registerDoctor: 'மருத்துவராகப் பதிவு செய்க',
    check: 'கணக்கு இல்லாமல் ஒரு ரசீது அல்லது வரலாற்றைச் சரிபார்க்க',
  },
)
