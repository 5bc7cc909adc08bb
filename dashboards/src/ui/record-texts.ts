// Words of the record that every role meets: kinds of reports, purposes, states of a consent.
import { texts } from '../app/texts'

export const categoryTexts = texts(
  'categories',
  {
    laboratory: 'Laboratory results',
    imaging: 'Imaging',
    prescription: 'Prescriptions',
    discharge: 'Discharge letters',
    consultation: 'Consultation notes',
    vaccination: 'Vaccinations',
    administrative: 'Administrative papers',
    other: 'Other',
  },
  {
    laboratory: 'ஆய்வக முடிவுகள்',
    imaging: 'படமெடுப்புகள்',
    prescription: 'மருந்துச் சீட்டுகள்',
    discharge: 'விடுவிப்புக் கடிதங்கள்',
    consultation: 'ஆலோசனைக் குறிப்புகள்',
    vaccination: 'தடுப்பூசிகள்',
    administrative: 'நிர்வாக ஆவணங்கள்',
    other: 'மற்றவை',
  },
)

export const purposeTexts = texts(
  'purposes',
  {
    TREAT: 'treatment',
    ETREAT: 'emergency treatment',
    BTG: 'breaking the glass',
    CAREMGT: 'care management',
    COVERAGE: 'insurance coverage',
    HPAYMT: 'billing',
    HOPERAT: 'running the practice',
    HRESCH: 'research',
    PATRQT: 'your own request',
    PUBHLTH: 'public health',
  },
  {
    TREAT: 'சிகிச்சை',
    ETREAT: 'அவசர சிகிச்சை',
    BTG: 'அவசரத் திறப்பு',
    CAREMGT: 'பராமரிப்பு மேலாண்மை',
    COVERAGE: 'காப்பீடு',
    HPAYMT: 'கட்டணம்',
    HOPERAT: 'மருத்துவமனை நிர்வாகம்',
    HRESCH: 'ஆராய்ச்சி',
    PATRQT: 'உங்கள் சொந்தக் கோரிக்கை',
    PUBHLTH: 'பொது சுகாதாரம்',
  },
)

export const scopeTexts = texts(
  'scopes',
  {
    everything: 'every report, those to come included',
    categories: '{{list}}, those to come included',
    reports_one: 'one report and no other',
    reports_other: '{{count}} reports and no others',
    except: '{{what}}; not {{list}}',
    exceptReports_one: 'one report',
    exceptReports_other: '{{count}} reports',
  },
  {
    everything: 'இனி வருபவை உட்பட எல்லா அறிக்கைகளும்',
    categories: '{{list}} — இனி வருபவை உட்பட',
    reports_one: 'ஒரே ஒரு அறிக்கை மட்டும்',
    reports_other: '{{count}} அறிக்கைகள் மட்டும்',
    except: '{{what}}; {{list}} நீங்கலாக',
    exceptReports_one: 'ஓர் அறிக்கை',
    exceptReports_other: '{{count}} அறிக்கைகள்',
  },
)
