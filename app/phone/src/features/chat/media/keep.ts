/**
 * Pictures and voices that this phone has fetched, so that a thread can be read again without a line. Kept in the
 * browser's cache under the person who may see them; emptied when they sign out, and one by one when a message is
 * recalled. The server marks its answers as not to be stored, so nothing else keeps them.
 */
import { getBytes } from './raw'

const most_kept = 300
const most_open = 80
/** Larger ones are fetched each time. */
const most_bytes = 6 * 1024 * 1024

export type Part = 'full' | 'thumb'

const address = (media: string, part: Part) => (part === 'thumb' ? `/api/media/${media}/thumb` : `/api/media/${media}`)
const shelf = (person: number) => `wufu-media-${person}`

/** Addresses inside this page, the latest used last. */
const open = new Map<string, string>()
const fetching = new Map<string, Promise<string>>()
const usedBy = new Map<string, string>()

/** An address inside this page for a picture, a voice or a poster. Throws Refused or Unreachable. */
export function addressOf(person: number, media: string, part: Part, message: string): Promise<string> {
  const key = `${media}/${part}`
  usedBy.set(message, media)
  const ready = open.get(key)
  if (ready) {
    open.delete(key)
    open.set(key, ready)
    return Promise.resolve(ready)
  }
  let work = fetching.get(key)
  if (!work) {
    work = load(person, media, part).finally(() => fetching.delete(key))
    fetching.set(key, work)
  }
  return work
}

/** What is there already, without waiting: a thread that is scrolled back does not blink. */
export const readyAddress = (media: string, part: Part): string | null => open.get(`${media}/${part}`) ?? null

async function load(person: number, media: string, part: Part): Promise<string> {
  const path = address(media, part)
  const cache = await onShelf(person)
  const kept = await cache?.match(path)
  let blob = await kept?.blob()
  if (!blob) {
    blob = await getBytes(path)
    if (cache && blob.size <= most_bytes) void put(cache, path, blob)
  }
  const url = URL.createObjectURL(blob)
  open.set(`${media}/${part}`, url)
  for (const [key, old] of open) {
    if (open.size <= most_open) break
    open.delete(key)
    // Whoever still shows it keeps showing it; it is only no longer to be had.
    setTimeout(() => URL.revokeObjectURL(old), 60_000)
  }
  return url
}

async function onShelf(person: number): Promise<Cache | null> {
  try {
    return await caches.open(shelf(person))
  } catch {
    return null
  }
}

async function put(cache: Cache, path: string, blob: Blob): Promise<void> {
  try {
    await cache.put(path, new Response(blob, { headers: { 'Content-Type': blob.type } }))
    const keys = await cache.keys()
    for (const old of keys.slice(0, Math.max(0, keys.length - most_kept))) await cache.delete(old)
  } catch {
    // No room: it is fetched again another time.
  }
}

/** A message was recalled or burnt: what it showed goes. */
export async function forgetMedia(person: number, message: string): Promise<void> {
  const media = usedBy.get(message)
  if (!media) return
  usedBy.delete(message)
  const cache = await onShelf(person)
  for (const part of ['full', 'thumb'] as const) {
    const url = open.get(`${media}/${part}`)
    if (url) URL.revokeObjectURL(url)
    open.delete(`${media}/${part}`)
    await cache?.delete(address(media, part))
  }
}

/** Somebody signed out: their pictures leave this phone. */
export async function forgetAll(): Promise<void> {
  for (const url of open.values()) URL.revokeObjectURL(url)
  open.clear()
  usedBy.clear()
  try {
    for (const name of await caches.keys()) if (name.startsWith('wufu-media-')) await caches.delete(name)
  } catch {
    // A page that may not keep has kept nothing.
  }
}
