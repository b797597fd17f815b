/** Times as a chat says them. */
import { dayOf } from '@/shared/format'
import { language } from '@/shared/language'
import { chat } from './words'

const day_ms = 86_400_000

export const clockOf = (at: string): string => new Date(at).toTimeString().slice(0, 5)

const midnight = (ms: number) => new Date(ms).setHours(0, 0, 0, 0)

/** "Today", "Yesterday", a day of this week by its name, else the date (with the year where it is another). */
export function dayWord(at: string, now_ms: number): string {
  const then = Date.parse(at)
  const days = Math.round((midnight(now_ms) - midnight(then)) / day_ms)
  if (days === 0) return chat('today')
  if (days === 1) return chat('yesterday')
  const locale = language.value === 'zh' ? 'zh-CN' : 'en-GB'
  if (days > 1 && days < 7) return new Intl.DateTimeFormat(locale, { weekday: 'long' }).format(then)
  if (new Date(then).getFullYear() === new Date(now_ms).getFullYear()) return dayOf(then)
  return new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'short', day: 'numeric' }).format(then)
}

/** For the list: the time of a message of today, else its day. */
export function shortTime(at: string, now_ms: number): string {
  if (!at || !Number.isFinite(Date.parse(at))) return ''
  return midnight(now_ms) === midnight(Date.parse(at)) ? clockOf(at) : dayWord(at, now_ms)
}
