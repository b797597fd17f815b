/** The amount a viewer was asked for, drawn again from the photo's proof file. docs/fairness.md defines the draw. */
import {
  amountBetween,
  canonicalJson,
  join,
  keystreamOf,
  same,
  sha256,
  utf8,
  type Bytes,
} from '@/features/proof/crypto'
import { Field, FieldError } from '@/features/proof/file'
import { money } from '@/shared/format'
import { toHex } from '@/shared/ids'
import type { DrawCode } from './words'

export interface DrawFinding {
  ok: boolean
  code: DrawCode
  facts: Record<string, unknown>
}

const most_draws = 100_000
const short = (bytes: Bytes) => `${toHex(bytes).slice(0, 16)}…`

/** K = HKDF-SHA256(ikm = secret, salt = the viewer's seed, info = "wufu/photo/" ‖ photo id), 16 bytes. */
export async function photoKey(secret: Bytes, seed: Bytes, photo: string): Promise<Bytes> {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const how = { name: 'HKDF', hash: 'SHA-256', salt: seed, info: utf8(`wufu/photo/${photo}`) }
  return new Uint8Array(await crypto.subtle.deriveBits(how, material, 128))
}

/**
 * What holds and what does not. Never throws at a bad file. `kept`: the seed this phone sent, `published`: the
 * commitment under the post, where they are known.
 */
export async function checkPhoto(
  file: unknown,
  viewer: number,
  kept: string | null,
  published: string | null = null,
): Promise<DrawFinding[]> {
  const found: DrawFinding[] = []
  const tell = (ok: boolean, code: DrawCode, facts: Record<string, unknown> = {}) =>
    void found.push({ ok, code, facts })
  try {
    await check(new Field(file, ''), viewer, kept, published, tell)
  } catch (error) {
    if (!(error instanceof FieldError)) throw error
    tell(false, 'field', { place: error.place, problem: error.problem })
  }
  return found
}

type Tell = (ok: boolean, code: DrawCode, facts?: Record<string, unknown>) => void

async function check(
  file: Field,
  viewer: number,
  kept: string | null,
  published: string | null,
  tell: Tell,
): Promise<void> {
  const format = file.at('wufu').text()
  if (format !== 'photo/1') return tell(false, 'format', { found: format })
  const terms = file.at('terms')
  const photo = terms.at('photo').text()
  const least = terms.at('least_minor').whole(1)
  const most = terms.at('most_minor').whole(least)
  const commitment = file.at('commitment').hex()
  if (published !== null && published !== toHex(commitment)) tell(false, 'published_bad', { hash: short(commitment) })
  const secret = file.at('secret').hex()
  const hash = await sha256(join(secret, utf8(canonicalJson(terms.value))))
  const holds = same(hash, commitment)
  tell(holds, holds ? 'secret_ok' : 'secret_bad', { hash: short(commitment), found: short(hash) })
  const seen = new Set<number>()
  for (const draw of file.at('draws').items(most_draws)) {
    const who = draw.at('viewer').whole(1)
    if (seen.has(who)) tell(false, 'viewer_twice', { who })
    seen.add(who)
    const seed = draw.at('seed').hex()
    const said = draw.at('minor').whole(0)
    if (who === viewer && kept !== null && kept !== toHex(seed)) tell(false, 'seed_bad')
    const drawn = await amountBetween(await keystreamOf(await photoKey(secret, seed, photo)), who, 0, least, most)
    const facts = { who, money: money(drawn), said: money(said), least: money(least), most: money(most) }
    tell(drawn === said, drawn === said ? 'draw_ok' : 'draw_bad', facts)
  }
  if (seen.size === 0) tell(false, 'nothing')
}

const place = (photo: string, person: number) => `wufu/photo-seed/${photo}/${person}`

/** The viewer's own part of the draw: 32 bytes made on this phone, once for each photo. */
export function photoSeed(photo: string, person: number): string {
  const kept = keptPhotoSeed(photo, person)
  if (kept) return kept
  const made = toHex(crypto.getRandomValues(new Uint8Array(32)))
  localStorage.setItem(place(photo, person), made)
  return made
}

export function keptPhotoSeed(photo: string, person: number): string | null {
  const kept = localStorage.getItem(place(photo, person))
  return kept && /^[0-9a-f]{64}$/.test(kept) ? kept : null
}
