// A refusal's words in the person's language. They are many, so they come once something was refused; where even that
// fails, what the service said stands.
import { useEffect, useState } from 'react'
import type { Problem } from '../api/refusal'
import { sentenceFor, useLanguage } from '../app/texts'
import { refusalTexts } from './refusal-texts'

type Loaded = typeof import('./problem-texts')

let loaded: Loaded | 'failed' | undefined

/** The words; none while they are on their way. */
export function useProblemWords(problem: Problem): string | undefined {
  useLanguage()
  const [texts, setTexts] = useState(loaded)
  const ours = sentenceFor(refusalTexts, problem.code)
  useEffect(() => {
    if (texts !== undefined || ours !== undefined) return
    let here = true
    import('./problem-texts')
      .then(
        (module) => module,
        (): 'failed' => 'failed',
      )
      .then((came) => {
        // What failed is tried again by the next refusal.
        if (came !== 'failed') loaded = came
        if (here) setTexts(came)
      })
    return () => {
      here = false
    }
  }, [texts, ours])
  if (ours !== undefined) return ours
  if (texts === undefined) return undefined
  const known = texts === 'failed' ? undefined : sentenceFor(texts.problemTexts, problem.code)
  return known ?? problem.detail
}
