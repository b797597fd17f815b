/** Names of conversations that need no asking: of two people, and of oneself (API: SHA-256 made a UUIDv8). */
import { conversationOf, type Conversation } from '../model'
import { plainSha256 } from './sha256'

const named = new Map<string, string>()

async function nameBased(text: string): Promise<string> {
  const known = named.get(text)
  if (known) return known
  const digest = (await sha256(new TextEncoder().encode(text))).slice(0, 16)
  digest[6] = 0x80 | (digest[6]! & 0x0f)
  digest[8] = 0x80 | (digest[8]! & 0x3f)
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
  named.set(text, id)
  return id
}

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  globalThis.crypto?.subtle ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)) : plainSha256(bytes)

export const directId = (a: number, b: number): Promise<string> =>
  nameBased(`wufu/direct/${Math.min(a, b)}/${Math.max(a, b)}`)

export const selfId = (person: number): Promise<string> => nameBased(`wufu/self/${person}`)

/** A conversation that is not born yet: the first message sent makes it. */
export const unborn = (id: string, me: number, other: number): Conversation =>
  conversationOf({ id, kind: me === other ? 'self' : 'direct', with: other, created_at: '' })
