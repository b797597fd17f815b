/** Lengths of time in a few words: how long a packet lasted, how long it still waits. */
import { packet } from './words'

export function spanWords(seconds: number): string {
  if (seconds < 60) return packet('seconds', { n: Math.max(1, Math.round(seconds)) })
  if (seconds < 3600) return packet('minutes', { n: Math.round(seconds / 60) })
  return packet('hours', { n: Math.round(seconds / 3600) })
}
