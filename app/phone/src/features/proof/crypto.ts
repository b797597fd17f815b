/**
 * The few primitives a proof rests on, from WebCrypto alone. docs/fairness.md defines each.
 *
 * WebCrypto is there on HTTPS and on localhost only; `cryptoIsHere` tells.
 */

export type Bytes = Uint8Array<ArrayBuffer>

export const cryptoIsHere = () => globalThis.crypto?.subtle !== undefined

export function fromHex(text: string): Bytes {
  const bytes = new Uint8Array(text.length / 2)
  for (let index = 0; index < bytes.length; index += 1)
    bytes[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16)
  return bytes
}

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text) as Bytes

export function join(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export const same = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

/** Eight big-endian bytes. */
export function eight(value: bigint): Bytes {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value)
  return bytes
}

export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data))
}

/** K = HKDF-SHA256(ikm = secret, salt = root ‖ beacon, info = "wufu/round/" ‖ round id), 16 bytes. */
export async function roundKey(secret: Bytes, root: Bytes, beacon: Bytes, id: string): Promise<Bytes> {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const how = { name: 'HKDF', hash: 'SHA-256', salt: join(root, beacon), info: utf8(`wufu/round/${id}`) }
  return new Uint8Array(await crypto.subtle.deriveBits(how, material, 128))
}

export type Keystream = (counter: Bytes, size: number) => Promise<Bytes>

/** `size` bytes of AES-128-CTR keystream from a 16-byte counter block on; the last 8 bytes count. */
export async function keystreamOf(key: Bytes): Promise<Keystream> {
  const cipher = await crypto.subtle.importKey('raw', key, 'AES-CTR', false, ['encrypt'])
  return async (counter, size) =>
    new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CTR', counter, length: 64 }, cipher, new Uint8Array(size)))
}

/** The words of taps 0 to `count` - 1 of one player: tap i reads the 8 bytes at offset 8 i. */
export async function drawWords(stream: Keystream, player: number, count: number): Promise<BigUint64Array> {
  const bytes = await stream(join(eight(BigInt(player)), eight(0n)), 8 * count)
  const view = new DataView(bytes.buffer)
  const words = new BigUint64Array(count)
  for (let tap = 0; tap < count; tap += 1) words[tap] = view.getBigUint64(8 * tap)
  return words
}

const second = 1n << 63n
const whole = 1n << 64n
const most_attempts = 1n << 15n

/**
 * The amount of a cash tap: least + the first acceptable word modulo the range. Word `attempt` is the first half of
 * AES_K(player ‖ 2^63 + attempt 2^48 + tap); a word in the broken last run of the range is skipped.
 */
export async function amountBetween(
  stream: Keystream,
  player: number,
  tap: number,
  least: number,
  most: number,
): Promise<number> {
  const range = BigInt(most - least + 1)
  const limit = whole - (whole % range)
  for (let attempt = 0n; attempt < most_attempts; attempt += 1n) {
    const block = await stream(join(eight(BigInt(player)), eight(second | (attempt << 48n) | BigInt(tap))), 8)
    const word = new DataView(block.buffer).getBigUint64(0)
    if (word < limit) return least + Number(word % range)
  }
  throw new Error('no word was accepted')
}

export type Side = 'left' | 'right'
export type Path = [Side, Bytes][]

export const numberedLeaf = (number: number, attested: Bytes = new Uint8Array()): Bytes =>
  join(eight(BigInt(number)), attested)

/** Whether the path leads from the leaf with this data to the root (RFC 6962 prefixes). */
export async function merkleCheck(leaf: Bytes, path: Path, root: Bytes): Promise<boolean> {
  let node = await sha256(join(Uint8Array.of(0), leaf))
  for (const [side, beside] of path) {
    node = await sha256(side === 'left' ? join(Uint8Array.of(1), beside, node) : join(Uint8Array.of(1), node, beside))
  }
  return same(node, root)
}

/** Which leaf of a tree of `count` leaves has a path with these sides; null when no leaf has. */
export function merkleIndex(sides: Side[], count: number): number | null {
  if (count < 1) return null
  const widths = [count]
  while (widths.at(-1)! > 1) widths.push(Math.ceil(widths.at(-1)! / 2))
  const steps = [...sides]
  let index = 0
  for (let level = widths.length - 1; level > 0; level -= 1) {
    const above = widths[level]!
    const width = widths[level - 1]!
    if (width % 2 === 1 && index === above - 1) index = width - 1
    else if (steps.length > 0) index = 2 * index + (steps.pop() === 'left' ? 1 : 0)
    else return null
  }
  return steps.length > 0 ? null : index
}

const most_depth = 64

/** RFC 8785 for values without floats: keys sorted by UTF-16 units, no spaces. Throws at anything else. */
export function canonicalJson(value: unknown, depth = most_depth): string {
  if (depth === 0) throw new TypeError('nests too deep')
  if (value === null || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError('has a number that is not whole')
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    if (/[\ud800-\udfff]/u.test(value)) throw new TypeError('has half a character')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth - 1)).join(',')}]`
  if (typeof value === 'object') {
    const object = value as Record<string, unknown>
    const fields = Object.keys(object)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key], depth - 1)}`)
    return `{${fields.join(',')}}`
  }
  throw new TypeError('is not JSON')
}
