/** Hours in which nothing rings, as minutes of the day on this phone's clock. Pure. */

export interface Quiet {
  quiet_from: number | null
  quiet_to: number | null
}

/** "22:30" → 1350; null where the text is no time. */
export function minuteOf(text: string): number | null {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text)
  if (!found) return null
  const [hours, minutes] = [Number(found[1]), Number(found[2])]
  return hours < 24 && minutes < 60 ? hours * 60 + minutes : null
}

export const timeOf = (minute: number): string =>
  `${Math.floor(minute / 60)
    .toString()
    .padStart(2, '0')}:${(minute % 60).toString().padStart(2, '0')}`

/** Whether a minute of the day lies in them; they may run over midnight. The end is outside. */
export function isQuiet({ quiet_from: from, quiet_to: to }: Quiet, minute: number): boolean {
  if (from === null || to === null || from === to) return false
  return from < to ? minute >= from && minute < to : minute >= from || minute < to
}
