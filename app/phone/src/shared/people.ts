/** Looking through people by what somebody types: the name they are shown by, their own name, tags; best first. */
import type { Friend } from './contract'
import { matchName, type Match, type Sound } from './pinyin'
import { shownName } from './world'

export interface FoundFriend<Person extends Friend = Friend> {
  person: Person
  /** Where the shown name matches; null where another name or a tag does, which `by` then is. */
  match: Match | null
  by: string | null
}

/** Those who match, best first and in the given order otherwise. Nothing typed is nobody found. */
export function findFriends<Person extends Friend>(
  people: readonly Person[],
  wanted: string,
  read: (name: string) => readonly Sound[],
): FoundFriend<Person>[] {
  if (!wanted.trim()) return []
  const found: { rank: number; at: number; one: FoundFriend<Person> }[] = []
  people.forEach((person, at) => {
    const shown = shownName(person)
    const match = matchName(shown, wanted, read(shown))
    if (match) return void found.push({ rank: match.rank, at, one: { person, match, by: null } })
    for (const other of [person.name, ...(person.tags ?? [])]) {
      const hit = other === shown ? null : matchName(other, wanted, read(other))
      if (hit) return void found.push({ rank: 10 + hit.rank, at, one: { person, match: null, by: other } })
    }
  })
  return found.sort((a, b) => a.rank - b.rank || a.at - b.at).map(({ one }) => one)
}

/** As a picker wants it: everybody while nothing is typed. */
export const sought = <Person extends Friend>(
  people: readonly Person[],
  wanted: string,
  read: (name: string) => readonly Sound[],
): Person[] => (wanted.trim() ? findFriends(people, wanted, read).map((one) => one.person) : [...people])
