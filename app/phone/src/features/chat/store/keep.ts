/**
 * The chat on this phone, in IndexedDB: conversations, messages, the queue, drafts. One database a person; it goes
 * when the person signs out. Where the browser keeps nothing (private windows), everything here answers "nothing".
 */
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { PersonId, PersonView } from '@/shared/contract'
import type { Message } from '../model'
import type { Held } from './changes'
import type { QueueItem } from './queue'

export interface DraftText {
  text: string
  mentions: { person: PersonId; name: string }[]
  reply_to: number | null
  at: string
}

interface Kept extends DBSchema {
  held: { key: string; value: Held }
  messages: { key: [string, number]; value: Message }
  queue: { key: string; value: QueueItem }
  people: { key: number; value: PersonView }
  drafts: { key: string; value: DraftText }
  facts: { key: string; value: unknown }
}

const version = 1
const name = (person: PersonId) => `wufu-chat-${person}`

let base: IDBPDatabase<Kept> | null = null

export async function openKept(person: PersonId): Promise<void> {
  base?.close()
  base = null
  if (typeof indexedDB === 'undefined') return
  try {
    base = await openDB<Kept>(name(person), version, {
      upgrade(made) {
        made.createObjectStore('held')
        made.createObjectStore('messages', { keyPath: ['conversation', 'number'] })
        made.createObjectStore('queue', { keyPath: 'id' })
        made.createObjectStore('people', { keyPath: 'person' })
        made.createObjectStore('drafts')
        made.createObjectStore('facts')
      },
      blocking: () => closeKept(),
    })
  } catch {
    base = null
  }
}

export function closeKept(): void {
  base?.close()
  base = null
}

/** Nothing of a person stays on a phone they signed out of. */
export async function forgetKept(person: PersonId): Promise<void> {
  closeKept()
  if (typeof indexedDB !== 'undefined') await deleteDB(name(person)).catch(() => undefined)
}

/** Phones whose session ended while the page was closed: nobody is signed in, so nothing is kept. */
export async function forgetEverybody(): Promise<void> {
  closeKept()
  if (typeof indexedDB === 'undefined' || !('databases' in indexedDB)) return
  for (const one of await indexedDB.databases().catch(() => [])) {
    if (one.name?.startsWith('wufu-chat-')) await deleteDB(one.name).catch(() => undefined)
  }
}

async function quietly<Answer>(otherwise: Answer, work: (on: IDBPDatabase<Kept>) => Promise<Answer>): Promise<Answer> {
  if (!base) return otherwise
  try {
    return await work(base)
  } catch {
    // A full or closed store: the phone goes on with what it has in memory, the server has the rest.
    return otherwise
  }
}

export interface KeptAll {
  held: Held[]
  queue: QueueItem[]
  people: PersonView[]
  drafts: Map<string, DraftText>
}

export const readAll = (): Promise<KeptAll> =>
  quietly({ held: [], queue: [], people: [], drafts: new Map() } as KeptAll, async (on) => {
    const reading = on.transaction(['held', 'queue', 'people', 'drafts'])
    const [held, queue, people, keys, drafts] = await Promise.all([
      reading.objectStore('held').getAll(),
      reading.objectStore('queue').getAll(),
      reading.objectStore('people').getAll(),
      reading.objectStore('drafts').getAllKeys(),
      reading.objectStore('drafts').getAll(),
    ])
    return { held, queue, people, drafts: new Map(keys.map((key, index) => [key, drafts[index]!])) }
  })

/** Messages and what is held, in one transaction: after a crash both are there or neither. */
export const write = (held: Held[], messages: Message[], people: PersonView[] = []): Promise<void> =>
  quietly(undefined, async (on) => {
    const writing = on.transaction(['held', 'messages', 'people'], 'readwrite')
    for (const one of held) void writing.objectStore('held').put(one, one.view.id)
    for (const one of messages) void writing.objectStore('messages').put(one)
    for (const one of people) void writing.objectStore('people').put(one)
    await writing.done
  })

/** Messages `from` to `to` (both included), oldest first. */
export const readMessages = (conversation: string, from: number, to: number): Promise<Message[]> =>
  quietly([], (on) => on.getAll('messages', IDBKeyRange.bound([conversation, from], [conversation, to])))

export const dropMessages = (conversation: string, from = 0, to = Number.MAX_SAFE_INTEGER): Promise<void> =>
  quietly(undefined, (on) => on.delete('messages', IDBKeyRange.bound([conversation, from], [conversation, to])))

export const dropConversation = (conversation: string): Promise<void> =>
  quietly(undefined, async (on) => {
    await on.delete('held', conversation)
    await on.delete('drafts', conversation)
    await dropMessages(conversation)
  })

export const keepItem = (item: QueueItem): Promise<void> =>
  quietly(undefined, async (on) => void (await on.put('queue', item)))

export const dropItem = (id: string): Promise<void> => quietly(undefined, (on) => on.delete('queue', id))

export const keepDraft = (conversation: string, draft: DraftText | null): Promise<void> =>
  quietly(undefined, async (on) => {
    if (draft) await on.put('drafts', draft, conversation)
    else await on.delete('drafts', conversation)
  })

export const keepFact = (key: string, value: unknown): Promise<void> =>
  quietly(undefined, async (on) => void (await on.put('facts', value, key)))

export const readFact = <Value>(key: string): Promise<Value | null> =>
  quietly(null as Value | null, async (on) => ((await on.get('facts', key)) as Value | undefined) ?? null)
