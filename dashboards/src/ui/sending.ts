// A report on its way into a record: how much of it is there, and a way to stop it.
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { upload } from '../api/upload'
import { mediaType } from './media-types'

type About = Omit<Parameters<typeof upload>[0]['report'], 'media_type'>

/** `lists` are read anew once the report is there. */
export function useSending(patient: string, file: File, lists: QueryKey) {
  const queries = useQueryClient()
  const [part, setPart] = useState(0)
  const control = useRef<AbortController>(undefined)
  // Whoever leaves the page stops what is under way.
  useEffect(() => () => control.current?.abort(), [])
  const sending = useMutation({
    mutationFn: (about: About) => {
      control.current = new AbortController()
      setPart(0)
      const report = { ...about, media_type: mediaType(file) }
      const { signal } = control.current
      return upload({ patient, report, file, progress: setPart, signal })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: lists }),
  })
  return { sending, part, stop: () => control.current?.abort() }
}
