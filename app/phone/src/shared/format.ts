/** Money, counts and times as people read them. Amounts are integers of fen and stay integers. */
import { language, type Language } from './language'

export function money(minor: number): string {
  const sign = minor < 0 ? '−' : ''
  const fen = BigInt(Math.abs(Math.trunc(minor)))
  const yuan = (fen / 100n).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',')
  return `${sign}¥${yuan}.${(fen % 100n).toString().padStart(2, '0')}`
}

export function signedMoney(minor: number): string {
  return minor > 0 ? `+${money(minor)}` : money(minor)
}

/** "12.5" → 1250 fen; null where the text is not an amount of at least one fen. */
export function parseMoney(text: string): number | null {
  const found = /^\s*[¥￥]?\s*(\d{1,9})(?:\.(\d{0,2}))?\s*$/.exec(text.replaceAll(',', ''))
  if (!found) return null
  const minor = Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0'))
  return minor > 0 ? minor : null
}

export function count(value: number): string {
  return Math.trunc(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** Real milliseconds as 3:41 or 1:02:09, rounded up so that 0:00 means now. */
export function duration(left_ms: number): string {
  if (!Number.isFinite(left_ms)) return '–:––'
  const seconds = Math.max(0, Math.ceil(left_ms / 1000))
  const two = (value: number) => value.toString().padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`
}

const zone = 'Asia/Shanghai'

const locale = (spoken: Language) => (spoken === 'zh' ? 'zh-CN' : 'en-GB')

/** Hours and minutes on the campaign's own clock. */
export function hourOf(at: string | number): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(new Date(at))
}

export function dayOf(at: string | number): string {
  return new Intl.DateTimeFormat(locale(language.value), { month: 'short', day: 'numeric' }).format(new Date(at))
}

/** Day and hour in China, where midnights and evenings are told: "12月5日 00:00", "5 Dec, 00:00". */
export function momentOf(at: string | number): string {
  return new Intl.DateTimeFormat(locale(language.value), {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zone,
  }).format(new Date(at))
}

/** "just now", "5 minutes ago", "3 hours ago"; after a day the date. */
export function ago(at: string | number, now_ms: number): string {
  const then = typeof at === 'number' ? at : Date.parse(at)
  const seconds = Math.round((now_ms - then) / 1000)
  if (!Number.isFinite(seconds)) return ''
  if (seconds < 45) return language.value === 'zh' ? '刚刚' : 'just now'
  const relative = new Intl.RelativeTimeFormat(locale(language.value), { numeric: 'always', style: 'short' })
  if (seconds < 3600) return relative.format(-Math.max(1, Math.round(seconds / 60)), 'minute')
  if (seconds < 86_400) return relative.format(-Math.round(seconds / 3600), 'hour')
  return `${dayOf(then)} ${new Date(then).toTimeString().slice(0, 5)}`
}
