/**
 * What secret messages leave on this phone: the device's own pair (its private half only as a handle that cannot be
 * read), and the keys of others as they were first seen. Never a word of a message, never a content key.
 */

const name = 'wufu-secret'
const version = 1

/** This phone's pair for one person; another person on the same phone has their own. */
export interface KeptDevice {
  person: number
  device: string
  pair: CryptoKeyPair
}

export interface KnownKey {
  device: string
  /** 32 bytes, base64url. */
  key: string
}

/** The keys of somebody as this phone knows them. */
export interface Pin {
  /** `${me}/${person}` */
  id: string
  keys: KnownKey[]
  /** Old keys, so that what was sealed before a change still opens. */
  former: KnownKey[]
  /** Keys that came later and that nobody has looked at yet. */
  changed: boolean
  /** The safety number that both found equal, or null. */
  verified: string | null
}

let opening: Promise<IDBDatabase> | null = null

function database(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((done, failed) => {
    const request = indexedDB.open(name, version)
    request.onupgradeneeded = () => {
      request.result.createObjectStore('device', { keyPath: 'person' })
      request.result.createObjectStore('pin', { keyPath: 'id' })
    }
    request.onsuccess = () => done(request.result)
    request.onerror = () => failed(request.error ?? new Error('no database'))
  }).catch((error: unknown) => {
    opening = null
    throw error
  })
  return opening
}

async function run<Answer>(
  store: 'device' | 'pin',
  mode: IDBTransactionMode,
  work: (on: IDBObjectStore) => IDBRequest<Answer>,
): Promise<Answer> {
  const on = (await database()).transaction(store, mode, { durability: 'strict' })
  const request = work(on.objectStore(store))
  return new Promise((done, failed) => {
    on.oncomplete = () => done(request.result)
    on.onabort = on.onerror = () => failed(on.error ?? new Error('not stored'))
  })
}

export const keptDevice = (person: number) =>
  run('device', 'readonly', (on) => on.get(person) as IDBRequest<KeptDevice | undefined>)

/** Keep this pair, unless another page of this phone was quicker: its pair is the answer then. */
export async function keepDevice(made: KeptDevice): Promise<KeptDevice> {
  const on = (await database()).transaction('device', 'readwrite', { durability: 'strict' })
  const store = on.objectStore('device')
  let kept = made
  const before = store.get(made.person) as IDBRequest<KeptDevice | undefined>
  before.onsuccess = () => {
    if (before.result) kept = before.result
    else store.put(made)
  }
  return new Promise((done, failed) => {
    on.oncomplete = () => done(kept)
    on.onabort = on.onerror = () => failed(on.error ?? new Error('not stored'))
  })
}

export const dropDevice = (person: number) => run('device', 'readwrite', (on) => on.delete(person))

export const pinOf = (me: number, person: number) =>
  run('pin', 'readonly', (on) => on.get(`${me}/${person}`) as IDBRequest<Pin | undefined>)

export const keepPin = (pin: Pin) => run('pin', 'readwrite', (on) => on.put(pin))
