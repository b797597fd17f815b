/** What a secret's message says about who has seen it. Pure. */
import type { PersonId } from '@/shared/contract'
import type { Message } from '../model'

export interface Reader {
  seen_at: string | null
  burnt_at: string | null
}

export function readersOf(message: Message): Map<PersonId, Reader> {
  const readers = (message.body['readers'] ?? {}) as Record<string, Partial<Reader>>
  return new Map(
    Object.entries(readers).map(([person, one]) => [
      Number(person),
      { seen_at: one.seen_at ?? null, burnt_at: one.burnt_at ?? null },
    ]),
  )
}

export type SecretState = 'mine' | 'sealed' | 'open' | 'burnt'

/** `ash`: this phone saw it burn; `isOpen`: its content is in this phone's memory. */
export function stateOf(message: Message, me: PersonId, ash: boolean, isOpen: boolean): SecretState {
  if (message.kind === 'gone' || ash) return 'burnt'
  if (message.sender === me) return 'mine'
  if (readersOf(message).get(me)?.burnt_at) return 'burnt'
  return isOpen ? 'open' : 'sealed'
}

/** For the sender: how many of the readers have seen it, and the word for one reader. */
export function readingOf(readers: Map<PersonId, Reader>): {
  seen: number
  all: number
  key: 'unseen' | 'burning_there' | 'burnt'
} {
  const all = [...readers.values()]
  const seen = all.filter((one) => one.seen_at || one.burnt_at).length
  const burnt = all.length > 0 && all.every((one) => one.burnt_at)
  return { seen, all: all.length, key: burnt ? 'burnt' : seen > 0 ? 'burning_there' : 'unseen' }
}
