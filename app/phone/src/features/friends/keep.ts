/** One's list on this phone, in IndexedDB: without a line everybody is still there. It goes when the person signs out. */
import { deleteDB, openDB } from 'idb'
import type { PersonId, Ties } from '@/shared/contract'

const prefix = 'wufu-friends-'
const shelf = 'ties'
const name = (person: PersonId) => `${prefix}${person}`

async function open(person: PersonId) {
  return openDB<{ ties: { key: string; value: Ties } }>(name(person), 1, {
    upgrade: (made) => void made.createObjectStore(shelf),
  })
}

/** Nothing where the browser keeps nothing (private windows). */
export async function keptTies(person: PersonId): Promise<Ties | null> {
  try {
    const base = await open(person)
    const kept = await base.get(shelf, 'all')
    base.close()
    return kept ?? null
  } catch {
    return null
  }
}

export async function keepTies(person: PersonId, ties: Ties): Promise<void> {
  try {
    const base = await open(person)
    await base.put(shelf, ties, 'all')
    base.close()
  } catch {
    // A full or closed store: next time the server is asked.
  }
}

export const forgetTies = (person: PersonId) => deleteDB(name(person)).catch(() => undefined)

/** Phones whose session ended while the page was closed. */
export async function forgetEverybody(): Promise<void> {
  if (typeof indexedDB === 'undefined' || !('databases' in indexedDB)) return
  for (const one of await indexedDB.databases().catch(() => [])) {
    if (one.name?.startsWith(prefix)) await deleteDB(one.name).catch(() => undefined)
  }
}
