/**
 * Secret messages on the phone: what is sealed, to whom, and how it is opened again. WebCrypto alone.
 *
 * A device has one X25519 pair whose private half cannot be exported. A secret message is one ciphertext under a
 * key of its own, which is wrapped once for every device of every reader:
 *
 *   K          32 random bytes
 *   ciphertext nonce(12) ‖ AES-256-GCM(K, padded content, aad = label ‖ conversation ‖ message ‖ timer)
 *   KEK        HKDF-SHA256(ikm = X25519(e, R) ‖ X25519(S, R), salt = E,
 *              info = label ‖ "wrap" ‖ message ‖ sender's device ‖ reader's device ‖ SHA-256(ciphertext))
 *   wrap       AES-256-GCM(KEK, nonce 0, K): a KEK is used once, its ephemeral half e is thrown away
 *
 * The second product makes the sender part of the key: who does not hold S's private half cannot make a wrap that
 * the reader's phone opens, and a reader who knows K cannot put other words under it, because the ciphertext's hash
 * is part of the KEK. Fields are joined with their lengths, so no two lists of fields spell the same bytes.
 * (RFC 7748 X25519, RFC 5869 HKDF, NIST SP 800-38D GCM.)
 */

export type Bytes = Uint8Array<ArrayBuffer>

export const label = 'wufu/secret/1'
export const key_bytes = 32
const nonce_bytes = 12

/** The public half of a device's pair, as others are told of it. */
export interface PublicDevice {
  device: string
  /** 32 bytes, base64url. */
  key: string
}

/** What the sealed bytes are bound to: moved elsewhere, they do not open. */
export interface Place {
  conversation: string
  message: string
  timer_seconds: number
}

/** Everything beside the ciphertext that its readers need. */
export interface Envelope {
  v: 1
  /** The sender's device. */
  from: string
  /** The public half of the pair made for this message alone, base64url. */
  ephemeral: string
  /** SHA-256 of the ciphertext, base64url. */
  sha256: string
  /** Reader's device → wrapped content key, base64url. */
  wraps: Record<string, string>
}

/** It did not open: another key, another place, or a changed byte. There is no telling which, on purpose. */
export class Unopened extends Error {
  constructor() {
    super('unopened')
    this.name = 'Unopened'
  }
}

export function base64url(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

export function fromBase64url(text: string): Bytes {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0))
}

const utf8 = (text: string): Bytes => new TextEncoder().encode(text) as Bytes

export function joined(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Each part behind its length (4 bytes, big-endian). */
export function spelled(...parts: (string | Uint8Array)[]): Bytes {
  return joined(
    ...parts.flatMap((part) => {
      const bytes = typeof part === 'string' ? utf8(part) : part
      const length = new Uint8Array(4)
      new DataView(length.buffer).setUint32(0, bytes.length)
      return [length, bytes]
    }),
  )
}

export const sha256 = async (data: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', data))

/** A pair whose private half stays inside the browser. */
export async function makePair(): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits'])) as CryptoKeyPair
}

/** Whether this browser can do all of the above (X25519: Chrome 133, Safari 17, Firefox 130). */
export async function canSeal(): Promise<boolean> {
  try {
    await makePair()
    return true
  } catch {
    return false
  }
}

export const publicBytes = async (key: CryptoKey): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.exportKey('raw', key))

export const importPublic = (bytes: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', bytes, { name: 'X25519' }, true, [])

/** X25519. WebCrypto refuses the all-zero product of a key of small order. */
export async function shared(own: CryptoKey, other: CryptoKey): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: other }, own, 8 * key_bytes))
}

export async function hkdf(material: Bytes, salt: Bytes, info: Bytes, size: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', material, 'HKDF', false, ['deriveBits'])
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, 8 * size))
}

export async function encrypt(key: Bytes, nonce: Bytes, text: Bytes, aad: Bytes): Promise<Bytes> {
  const cipher = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt'])
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: aad }, cipher, text))
}

export async function decrypt(key: Bytes, nonce: Bytes, sealed: Bytes, aad: Bytes): Promise<Bytes> {
  const cipher = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt'])
  return new Uint8Array(
    await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce, additionalData: aad }, cipher, sealed),
  )
}

/**
 * Padded to the next step, so that the server cannot tell "yes" from "no" by the length: 256 bytes for words, then an
 * eighth of the size. The length stands in front (4 bytes).
 */
export function padded(content: Uint8Array): Bytes {
  const least = content.length + 4
  let step = 256
  while (step * 16 < least) step *= 2
  const whole = new Uint8Array(Math.ceil(least / step) * step)
  new DataView(whole.buffer).setUint32(0, content.length)
  whole.set(content, 4)
  return whole
}

export function unpadded(whole: Bytes): Bytes {
  if (whole.length < 4) throw new Unopened()
  const length = new DataView(whole.buffer, whole.byteOffset).getUint32(0)
  if (length > whole.length - 4) throw new Unopened()
  return whole.slice(4, 4 + length)
}

const placeBytes = (place: Place) =>
  spelled(label, place.conversation, place.message, String(Math.trunc(place.timer_seconds)))

async function wrapKey(
  ephemeral: Bytes,
  products: Bytes,
  place: Place,
  from: string,
  to: string,
  hash: Bytes,
): Promise<Bytes> {
  const kek = await hkdf(products, ephemeral, spelled(label, 'wrap', place.message, from, to, hash), key_bytes)
  products.fill(0)
  return kek
}

const zero_nonce = (): Bytes => new Uint8Array(nonce_bytes)

/** Seal content to the devices of its readers. Nothing that is handed in is kept. */
export async function seal(
  content: Uint8Array,
  place: Place,
  sender: { device: string; pair: CryptoKeyPair },
  readers: PublicDevice[],
): Promise<{ envelope: Envelope; ciphertext: Bytes }> {
  const key = crypto.getRandomValues(new Uint8Array(key_bytes))
  const nonce = crypto.getRandomValues(new Uint8Array(nonce_bytes))
  const plain = padded(content)
  const ciphertext = joined(nonce, await encrypt(key, nonce, plain, placeBytes(place)))
  plain.fill(0)
  const hash = await sha256(ciphertext)
  const once = await makePair()
  const ephemeral = await publicBytes(once.publicKey)
  const wraps: Record<string, string> = {}
  for (const reader of readers) {
    const theirs = await importPublic(fromBase64url(reader.key))
    const products = joined(await shared(once.privateKey, theirs), await shared(sender.pair.privateKey, theirs))
    const kek = await wrapKey(ephemeral, products, place, sender.device, reader.device, hash)
    wraps[reader.device] = base64url(await encrypt(kek, zero_nonce(), key, new Uint8Array()))
    kek.fill(0)
  }
  key.fill(0)
  return {
    envelope: { v: 1, from: sender.device, ephemeral: base64url(ephemeral), sha256: base64url(hash), wraps },
    ciphertext,
  }
}

/** Open what was sealed to this device by that sender. Throws Unopened, and says no more. */
export async function open(
  envelope: Envelope,
  ciphertext: Bytes,
  place: Place,
  reader: { device: string; pair: CryptoKeyPair },
  sender: PublicDevice,
): Promise<Bytes> {
  try {
    const wrap = envelope.wraps[reader.device]
    if (envelope.v !== 1 || !wrap || envelope.from !== sender.device) throw new Unopened()
    const hash = await sha256(ciphertext)
    if (base64url(hash) !== envelope.sha256) throw new Unopened()
    const ephemeral = fromBase64url(envelope.ephemeral)
    const products = joined(
      await shared(reader.pair.privateKey, await importPublic(ephemeral)),
      await shared(reader.pair.privateKey, await importPublic(fromBase64url(sender.key))),
    )
    const kek = await wrapKey(ephemeral, products, place, sender.device, reader.device, hash)
    const key = await decrypt(kek, zero_nonce(), fromBase64url(wrap), new Uint8Array())
    kek.fill(0)
    const nonce = ciphertext.slice(0, nonce_bytes)
    const plain = await decrypt(key, nonce, ciphertext.slice(nonce_bytes), placeBytes(place))
    key.fill(0)
    return unpadded(plain)
  } catch {
    throw new Unopened()
  }
}
