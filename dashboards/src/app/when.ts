// Dates, times, sizes and lengths of time, as the person's language writes them.
import { useLanguage } from './texts'

const tags = { en: 'en-GB', ta: 'ta-IN' } as const

export interface Written {
  date(time: string | Date): string
  time(time: string | Date): string
  dateTime(time: string | Date): string
  number(value: number): string
  size(bytes: number): string
  /** "3 days", "2 hours", "5 minutes", "40 seconds": the largest unit that says it. */
  span(milliseconds: number): string
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

const bytes = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

export function writtenIn(language: keyof typeof tags): Written {
  const tag = tags[language]
  const as = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(tag, options)
    return (time: string | Date) => format.format(new Date(time))
  }
  const unit = (value: number, name: string, digits = 0) =>
    new Intl.NumberFormat(tag, {
      style: 'unit',
      unit: name,
      unitDisplay: 'long',
      maximumFractionDigits: digits,
    }).format(value)
  const number = new Intl.NumberFormat(tag)
  return {
    date: as({ day: 'numeric', month: 'long', year: 'numeric' }),
    time: as({ hour: '2-digit', minute: '2-digit' }),
    dateTime: as({
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
    }),
    number: (value) => number.format(value),
    size(value) {
      const step = Math.min(3, Math.floor(Math.log10(Math.max(1, value)) / 3))
      return unit(value / 1000 ** step, bytes[step] ?? 'byte', step > 1 ? 1 : 0)
    },
    span(milliseconds) {
      const left = Math.max(0, milliseconds)
      const [name, length] = units.find(([, length]) => left >= length) ?? units[3]
      return unit(Math.floor(left / length), name)
    },
  }
}

export function useWritten(): Written {
  return writtenIn(useLanguage())
}
