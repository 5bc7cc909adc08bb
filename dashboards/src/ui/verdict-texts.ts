// What of a report a doctor can be shown.
import { texts } from '../app/texts'

export const verdictTexts = texts(
  'verdict',
  {
    whole_one: 'Its page can be shown to a doctor whole.',
    whole_other: 'All of its {{count}} pages can be shown to a doctor whole.',
    wholeText: 'It can be shown to a doctor whole.',
    lossy: 'Not everything of it can be shown to a doctor:',
    lossyPage: 'Page {{page}}: {{missing}}',
    noDrawing: 'A doctor cannot be shown this kind of file. You keep it, and you can download it.',
  },
  {
    whole_one: 'அதன் பக்கத்தை மருத்துவருக்கு முழுமையாகக் காட்டலாம்.',
    whole_other: 'அதன் {{count}} பக்கங்களையும் மருத்துவருக்கு முழுமையாகக் காட்டலாம்.',
    wholeText: 'மருத்துவருக்கு முழுமையாகக் காட்டலாம்.',
    lossy: 'இதில் எல்லாவற்றையும் மருத்துவருக்குக் காட்ட முடியாது:',
    lossyPage: 'பக்கம் {{page}}: {{missing}}',
    noDrawing: 'இவ்வகைக் கோப்பை மருத்துவருக்குக் காட்ட முடியாது. நீங்கள் வைத்திருக்கலாம், பதிவிறக்கலாம்.',
  },
)

export const lossTexts = texts(
  'losses',
  {
    no_page: 'there is no such page',
    unreadable: 'cannot be read',
    password: 'opens only with a password',
    heavy: 'takes too long to draw',
    broken: 'drawing it broke off',
    picture: 'a picture is missing',
    font: 'a typeface is missing',
    letters: 'letters are missing',
    form_field: 'what a form field says is missing',
    remark: 'a remark is missing',
    content: 'something is missing',
    detail: 'something is too fine to be seen',
  },
  {
    no_page: 'அப்படிப் பக்கம் இல்லை',
    unreadable: 'படிக்க முடியவில்லை',
    password: 'கடவுச்சொல் இருந்தால் மட்டுமே திறக்கும்',
    heavy: 'வரைய அதிக நேரமாகும்',
    broken: 'வரைதல் தடைபட்டது',
    picture: 'ஒரு படம் காணவில்லை',
    font: 'ஓர் எழுத்துரு காணவில்லை',
    letters: 'எழுத்துகள் காணவில்லை',
    form_field: 'படிவப் புலத்தில் உள்ளது காணவில்லை',
    remark: 'ஒரு குறிப்பு காணவில்லை',
    content: 'ஏதோ காணவில்லை',
    detail: 'சில மிக நுண்ணியவை, தெரியாது',
  },
)
