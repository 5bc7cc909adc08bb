// One entry as a sentence: the service's own in English, told of its members in other languages.
import { Text } from '@mantine/core'
import { sentenceFor, useLanguage, useTexts } from '../../app/texts'
import { purposeTexts } from '../../ui/record-texts'
import type { Entry } from './queries'
import { historyTexts, tellingTexts } from './texts'

/** A sentence in which a title stands between asterisks. */
export function Telling({ entry }: { entry: Entry }) {
  const parts = useSentence(entry).split('*')
  return (
    <Text component="span">
      {parts.map((part, i) =>
        i % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence have their place only
          <em key={i}>{part}</em>
        ) : (
          part
        ),
      )}
    </Text>
  )
}

export function useSentence(entry: Entry): string {
  const language = useLanguage()
  const say = useTexts(tellingTexts)
  const history = useTexts(historyTexts)
  const purpose = useTexts(purposeTexts)
  if (language === 'en') return entry.sentence
  const rule = entry.rule ?? ''
  return say(entry.kind, {
    who: entry.own ? (whoIsLetIn(entry) ?? history('you')) : (entry.name ?? history('somebody')),
    title: entry.title ?? say('untitled'),
    purpose: entry.purpose ? purpose(entry.purpose) : '',
    pages: entry.viewing?.pages ?? 0,
    // A rule may be called like what I did.
    rule:
      sentenceFor(tellingTexts, `rule_${rule}`) ??
      sentenceFor(tellingTexts, rule) ??
      say('rule', { rule }),
  })
}

/** What I did, and to whom. */
const aboutSomebody = new Set<Entry['kind']>([
  ...(['granted', 'revoked', 'barred', 'bar_lifted', 'report_hidden', 'report_unhidden'] as const),
])

function whoIsLetIn(entry: Entry): string | undefined {
  return aboutSomebody.has(entry.kind) ? (entry.name ?? undefined) : undefined
}
