// Texts in every language, said once per feature. `texts('login', { en… }, { ta… })` does not compile while a
// language lacks a sentence.
import i18next from 'i18next'
import { useSyncExternalStore } from 'react'

export const languages = { en: 'English', ta: 'தமிழ்' } as const
export type Language = keyof typeof languages

const KEPT = 'medlock.language'

function isLanguage(value: string | null | undefined): value is Language {
  return value !== null && value !== undefined && value in languages
}

function first(): Language {
  const kept = localStorage.getItem(KEPT)
  if (isLanguage(kept)) return kept
  const wished = navigator.languages.map((tag) => tag.split('-')[0])
  return wished.find(isLanguage) ?? 'en'
}

void i18next.init({
  lng: first(),
  fallbackLng: 'en',
  initAsync: false,
  resources: {},
  interpolation: { escapeValue: false },
})
document.documentElement.lang = i18next.language

export function language(): Language {
  return isLanguage(i18next.language) ? i18next.language : 'en'
}

export function speak(next: Language) {
  localStorage.setItem(KEPT, next)
  document.documentElement.lang = next
  void i18next.changeLanguage(next)
}

export function useLanguage(): Language {
  return useSyncExternalStore((changed) => {
    i18next.on('languageChanged', changed)
    return () => i18next.off('languageChanged', changed)
  }, language)
}

type Said = Record<string, string>
/** `n_one` and `n_other` are both said as `n`, with a count. */
type Base<K> = K extends `${infer B}_one` | `${infer B}_other` ? B : K
type Values = Record<string, string | number>

/** A feature's sentences. */
export interface Texts<E extends Said> {
  readonly feature: string
  readonly en: E
}

export function texts<const E extends Said>(
  feature: string,
  en: E,
  ta: { [K in keyof E]: string },
): Texts<E> {
  i18next.addResourceBundle('en', feature, en)
  i18next.addResourceBundle('ta', feature, ta)
  return { feature, en }
}

/** Says one of the feature's sentences. */
export type Say<E extends Said> = (key: Base<keyof E> & string, values?: Values) => string

/** The library's own types follow keys through every sentence; ours are checked by `Say`. */
function translated(key: string, options: { ns: string } & Values): string {
  const translate: (key: string, options: Values) => string = i18next.t
  return translate(key, options)
}

/** For code outside components; components take `useTexts`. */
export function sayer<E extends Said>(of: Texts<E>): Say<E> {
  return (key, values) => translated(key, { ns: of.feature, ...values })
}

export function useTexts<E extends Said>(of: Texts<E>): Say<E> {
  useLanguage()
  return sayer(of)
}

/** The sentence for a name that came from the service, such as a code; none where we have none. */
export function sentenceFor<E extends Said>(of: Texts<E>, name: string): string | undefined {
  return name in of.en ? translated(name, { ns: of.feature }) : undefined
}
