/** Naming people in a text: where one is being typed, and whom a finished text names. Pure. */
import type { PersonId } from '@/shared/contract'

export interface Named {
  /** 0: everyone. */
  person: PersonId
  name: string
}

/** What follows the last @ before the cursor, while it may still become a name; null elsewhere. */
export function wantedAt(text: string, cursor: number): { from: number; wanted: string } | null {
  const before = text.slice(0, cursor)
  const from = before.lastIndexOf('@')
  if (from < 0) return null
  // An address like a@b is none.
  if (from > 0 && /[\w.]/.test(before[from - 1]!)) return null
  const wanted = before.slice(from + 1)
  return /\s/.test(wanted) || wanted.length > 20 ? null : { from, wanted }
}

export function put(text: string, from: number, cursor: number, name: string): { text: string; cursor: number } {
  const words = `@${name} `
  return { text: text.slice(0, from) + words + text.slice(cursor), cursor: from + words.length }
}

/** Of those that were chosen, the ones that still stand in the text. */
export function namedIn(text: string, chosen: readonly Named[]): PersonId[] {
  const found = new Set<PersonId>()
  for (const { person, name } of chosen) if (text.includes(`@${name}`)) found.add(person)
  return [...found]
}
