/** Names for what the phone creates: UUIDv7 (RFC 9562), so that they sort by the moment they were made. */

export function uuid7(now_ms = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  let rest = now_ms
  for (let index = 5; index >= 0; index -= 1) {
    bytes[index] = rest % 256
    rest = Math.floor(rest / 256)
  }
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  const text = toHex(bytes)
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-')
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The player's own part of every draw: 32 bytes made here and kept here, one for each campaign and person. */
export function clientSeed(campaign: string, person: number): string {
  const kept = keptSeed(campaign, person)
  if (kept) return kept
  const made = toHex(crypto.getRandomValues(new Uint8Array(32)))
  localStorage.setItem(seedPlace(campaign, person), made)
  return made
}

/** The seed this phone made, or null where somebody joined with another phone. */
export function keptSeed(campaign: string, person: number): string | null {
  const kept = localStorage.getItem(seedPlace(campaign, person))
  return kept && /^[0-9a-f]{64}$/.test(kept) ? kept : null
}

const seedPlace = (campaign: string, person: number) => `wufu/seed/${campaign}/${person}`

const device_place = 'wufu/device'

/** A random name of this browser, made once: it says nothing about anybody, but that two accounts share a device. */
export function deviceId(): string {
  const kept = localStorage.getItem(device_place)
  if (kept && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(kept)) return kept
  const text = toHex(crypto.getRandomValues(new Uint8Array(16)))
  const made = [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-')
  localStorage.setItem(device_place, made)
  return made
}
