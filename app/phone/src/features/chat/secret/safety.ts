/**
 * The safety number: 60 digits that two people compare, by eye or by code. It is the same on both phones if and only
 * if both see the same device keys, so nobody (not the server either) has slipped in a key of their own.
 *
 * A person's half: 30 bytes of 5,200 rounds of SHA-512 over (label ‖ person ‖ their device keys in order), five bytes
 * making five digits. The rounds make a search for a key with nearly the same digits dear. The lower half stands first.
 */
import { joined, spelled, type Bytes } from './crypto'

const rounds = 5_200

export async function half(person: number, keys: Bytes[]): Promise<string> {
  const sorted = keys.map((key) => Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('')).sort()
  const seed = spelled('wufu/safety/1', String(person), ...sorted)
  let hash: Bytes = new Uint8Array(await crypto.subtle.digest('SHA-512', seed))
  for (let round = 1; round < rounds; round += 1)
    hash = new Uint8Array(await crypto.subtle.digest('SHA-512', joined(hash, seed)))
  let digits = ''
  for (let at = 0; at < 30; at += 5) {
    let value = 0n
    for (const byte of hash.subarray(at, at + 5)) value = (value << 8n) | BigInt(byte)
    digits += (value % 100_000n).toString().padStart(5, '0')
  }
  return digits
}

/** 60 digits, the same from either side. */
export async function safetyNumber(
  a: { person: number; keys: Bytes[] },
  b: { person: number; keys: Bytes[] },
): Promise<string> {
  const halves = await Promise.all([half(a.person, a.keys), half(b.person, b.keys)])
  return halves.sort().join('')
}

/** Twelve groups of five, as they are read aloud. */
export const groups = (number: string): string[] => number.match(/\d{5}/g) ?? []

const scheme = 'wufu-safety:1:'

export const codeOf = (number: string): string => scheme + number

/** The number inside a scanned code, or null where the code says something else. */
export const numberIn = (code: string): string | null =>
  code.startsWith(scheme) && /^\d{60}$/.test(code.slice(scheme.length)) ? code.slice(scheme.length) : null
