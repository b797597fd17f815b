/** What stands inside a sealed message: a head of JSON behind its length, then the bytes of a picture or a voice. */
import { joined, type Bytes } from './crypto'

export type SecretHead =
  | { kind: 'text'; text: string }
  | { kind: 'picture'; type: string; width: number; height: number }
  | { kind: 'voice'; type: string; duration_ms: number; waveform: number[] }

export interface SecretContent {
  head: SecretHead
  bytes: Bytes
}

/** Pictures and voices larger than this are refused before they are sealed. */
export const largest_bytes = 2 * 1024 * 1024

/** Only types that an `<img>` or `<audio>` shows without running anything. */
const types = /^(image\/(jpeg|png|webp)|audio\/(webm|ogg|mp4)(;\s*codecs=[\w."]+)?)$/

export function packed(content: SecretContent): Bytes {
  const head = new TextEncoder().encode(JSON.stringify(content.head))
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, head.length)
  return joined(length, head, content.bytes)
}

const isWhole = (value: unknown, most: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most

/** Null where the content is not one of ours: a sender's phone may be anything. */
export function unpacked(bytes: Bytes): SecretContent | null {
  try {
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
    if (size > bytes.length - 4) return null
    const head = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + size)),
    ) as Partial<Record<string, unknown>> | null
    const rest = bytes.slice(4 + size)
    const { kind, text, type, width, height, duration_ms, waveform } = head ?? {}
    if (kind === 'text' && typeof text === 'string') return { head: { kind, text }, bytes: new Uint8Array() }
    if (typeof type !== 'string' || !types.test(type)) return null
    if (kind === 'picture' && isWhole(width, 20_000) && isWhole(height, 20_000))
      return { head: { kind, type, width, height }, bytes: rest }
    if (kind === 'voice' && isWhole(duration_ms, 600_000) && Array.isArray(waveform)) {
      const bars = waveform.slice(0, 64).map((bar) => (isWhole(bar, 31) ? bar : 0))
      return { head: { kind, type, duration_ms, waveform: bars }, bytes: rest }
    }
    return null
  } catch {
    return null
  }
}
