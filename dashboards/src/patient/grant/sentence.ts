// The order in one plain sentence, before any code is asked for.
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { purposeTexts } from '../../ui/record-texts'
import { useScopeWords } from '../../ui/scope-words'
import { parts, period, type Wish } from './order'
import { grantTexts } from './texts'

/** None while something is missing. */
export function useSentence(wish: Wish, who: string | undefined): string | undefined {
  const say = useTexts(grantTexts)
  const purpose = useTexts(purposeTexts)
  const scope = useScopeWords()
  const { dateTime } = useWritten()
  const what = parts(wish)
  const when = period(wish, new Date())
  if (who === undefined || what === undefined || when === undefined) return undefined
  const sentence = say('sentence', {
    who,
    what: scope(what.scope, what.exceptions),
    purpose: purpose(what.purpose),
    from: wish.length === 'own' ? dateTime(when.from) : say('now'),
    until: dateTime(when.until),
  })
  if (wish.viewsMax === undefined) return sentence
  return `${sentence} ${say('sentenceViews', { count: wish.viewsMax })}`
}
