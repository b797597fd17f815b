/** The order of a list of people: by the sound of the name they are shown by, under letters, # last. */
import { initialOf } from './initials'
import type { Sound } from '@/shared/pinyin'

export interface Section<Person> {
  letter: string
  people: Person[]
}

const collator = new Intl.Collator('zh-Hans-CN-u-co-pinyin')

interface Placed<Person> {
  person: Person
  name: string
  letter: string
  /** Syllables with a space between, so that 西安 stands before 先; empty while the dictionary is not here. */
  sound: string
}

/** People under their letters, both in order. `nameOf` says by which name, `read` how it sounds, if that is known. */
export function sectioned<Person>(
  people: readonly Person[],
  nameOf: (person: Person) => string,
  read: ((name: string) => readonly Sound[]) | null,
): Section<Person>[] {
  const placed = people.map((person): Placed<Person> => {
    const name = nameOf(person)
    const sounds = read?.(name.trim()) ?? []
    const first = sounds[0]?.sound ?? ''
    const letter = /^[a-z]/.test(first) ? first[0]!.toUpperCase() : initialOf(name)
    return { person, name, letter, sound: sounds.map((one) => one.sound).join(' ') }
  })
  placed.sort(before)
  const sections: Section<Person>[] = []
  for (const one of placed) {
    const last = sections.at(-1)
    if (last?.letter === one.letter) last.people.push(one.person)
    else sections.push({ letter: one.letter, people: [one.person] })
  }
  return sections
}

const place = (letter: string) => (letter === '#' ? '~' : letter)

function before(a: Placed<unknown>, b: Placed<unknown>): number {
  if (a.letter !== b.letter) return place(a.letter) < place(b.letter) ? -1 : 1
  if (a.sound !== b.sound) return a.sound < b.sound ? -1 : 1
  return collator.compare(a.name, b.name)
}
