// What a consent opens, in words.
import type { Schemas } from '../api/client'
import { language, sayer, useLanguage } from '../app/texts'
import { categoryTexts, scopeTexts } from './record-texts'

type Scope = Schemas['ScopeBody']
type Exceptions = Schemas['ExceptionsBody']

function list(words: string[]): string {
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(words)
}

function categoryWords(codes: readonly Schemas['CategoryCode'][]): string {
  const category = sayer(categoryTexts)
  const words = codes.map((code) => category(code))
  return list(language() === 'en' ? words.map((word) => word.toLowerCase()) : words)
}

/** "laboratory results and imaging, those to come included; not one report" */
export function scopeWords(scope: Scope, exceptions: Exceptions): string {
  const say = sayer(scopeTexts)
  const what = whatIsOpen(scope)
  const shut = [
    ...(exceptions.categories?.length ? [categoryWords(exceptions.categories)] : []),
    ...(exceptions.reports?.length
      ? [say('exceptReports', { count: exceptions.reports.length })]
      : []),
  ]
  return shut.length > 0 ? say('except', { what, list: list(shut) }) : what
}

function whatIsOpen(scope: Scope): string {
  const say = sayer(scopeTexts)
  switch (scope.kind) {
    case 'everything':
      return say('everything')
    case 'categories':
      return say('categories', { list: categoryWords(scope.categories) })
    case 'reports':
      return say('reports', { count: scope.reports.length })
  }
}

/** For components: said again when the language changes. */
export function useScopeWords(): typeof scopeWords {
  useLanguage()
  return scopeWords
}
