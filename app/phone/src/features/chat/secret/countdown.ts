/**
 * How long an opened secret has left. It begins when it is on the screen and runs on whatever the person does:
 * leaving the chat, closing the page, or putting the phone's clock back.
 */

export const timers_seconds = [1, 3, 5, 10, 30, 60, 86_400] as const

export interface Started {
  /** The instant it came on the screen, in milliseconds of the server's clock. */
  started_ms: number
  timer_seconds: number
  /** The latest instant this phone has seen since: time does not run backwards. */
  seen_ms: number
}

/** Milliseconds left; 0 means burnt. A clock that was put back does not give time back. */
export function leftOf(one: Started, now_ms: number): number {
  const now = Math.max(now_ms, one.seen_ms, one.started_ms)
  return Math.max(0, one.started_ms + one.timer_seconds * 1000 - now)
}

/** What remains as a part of the whole, for the burning ring: 1 → 0. */
export function partLeft(one: Started, now_ms: number): number {
  const whole = one.timer_seconds * 1000
  return whole > 0 ? Math.min(1, leftOf(one, now_ms) / whole) : 0
}

/** Later instants only. */
export const seenAt = (one: Started, now_ms: number): Started => ({ ...one, seen_ms: Math.max(one.seen_ms, now_ms) })

/** "9", "0:42", "23:59:01": rounded up, so that 0 means gone. */
export function leftText(left_ms: number): string {
  const seconds = Math.ceil(left_ms / 1000)
  if (seconds < 60) return String(seconds)
  const two = (value: number) => value.toString().padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
