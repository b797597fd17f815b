/**
 * Checking a lucky packet from nothing but its proof file: the commitment made at sending, the secret revealed at the
 * end, and every share drawn again, on this phone. docs/fairness.md defines the split.
 */
import {
  eight,
  join,
  keystreamOf,
  same,
  sha256,
  utf8,
  canonicalJson,
  type Bytes,
  type Keystream,
} from '@/features/proof/crypto'
import { Field, FieldError } from '@/features/proof/file'
import { count, money } from '@/shared/format'
import { toHex } from '@/shared/ids'
import type { SplitCode } from './words'

export interface SplitFinding {
  ok: boolean
  code: SplitCode
  facts: Record<string, unknown>
}

export interface Terms {
  packet: string
  minor: number
  shares: number
  most_minor: number
}

interface Claim {
  place: number
  minor: number
  person: number
}

const most_shares = 1_000_000
const most_faults = 20
const most_attempts = 1n << 15n
const second = 1n << 63n
const whole = 1n << 64n
const short = (bytes: Bytes) => `${toHex(bytes).slice(0, 16)}…`

/** K = HKDF-SHA256(ikm = secret, salt = SHA-256(terms), info = "wufu/packet/" ‖ packet id), 16 bytes. */
export async function packetKey(secret: Bytes, canonical: string, packet: string): Promise<Bytes> {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const salt = await sha256(utf8(canonical))
  const how = { name: 'HKDF', hash: 'SHA-256', salt, info: utf8(`wufu/packet/${packet}`) }
  return new Uint8Array(await crypto.subtle.deriveBits(how, material, 128))
}

/** SHA-256(secret ‖ canonical terms): what was published when the packet was sent. */
export const commitmentOf = (secret: Bytes, canonical: string): Promise<Bytes> => sha256(join(secret, utf8(canonical)))

/** The least and the most that the next share may be, `left` fen and `shares` shares being there. */
export function boundsOf(left: number, shares: number, most: number): { least: number; top: number } {
  if (shares === 1) return { least: left, top: left }
  return {
    least: Math.max(1, left - most * (shares - 1)),
    top: Math.min(Math.floor((2 * left) / shares), left - (shares - 1), most),
  }
}

/** Share by share, in fen; they sum to the packet exactly. */
export async function drawShares(stream: Keystream, terms: Terms): Promise<number[]> {
  const bytes = await stream(new Uint8Array(16), 8 * terms.shares)
  const words = new DataView(bytes.buffer)
  const drawn: number[] = []
  let left = terms.minor
  for (let place = 0; place < terms.shares; place += 1) {
    const { least, top } = boundsOf(left, terms.shares - place, terms.most_minor)
    const size = BigInt(top - least + 1)
    const word = size > 1n ? await acceptable(stream, words.getBigUint64(8 * place), place, size) : 0n
    const share = least + Number(word % size)
    drawn.push(share)
    left -= share
  }
  return drawn
}

/** The first word that is not in the broken last run of the range. */
async function acceptable(stream: Keystream, first: bigint, place: number, size: bigint): Promise<bigint> {
  const limit = whole - (whole % size)
  let word = first
  for (let attempt = 1n; word >= limit; attempt += 1n) {
    if (attempt >= most_attempts) throw new Error('no word was accepted')
    const block = await stream(join(eight(0n), eight(second | (attempt << 48n) | BigInt(place))), 8)
    word = new DataView(block.buffer).getBigUint64(0)
  }
  return word
}

/** What holds and what does not; the split holds when every finding is ok. Never throws at a bad file. */
export async function checkPacket(file: unknown, published: string | null = null): Promise<SplitFinding[]> {
  const found: SplitFinding[] = []
  const tell = (ok: boolean, code: SplitCode, facts: Record<string, unknown> = {}) =>
    void found.push({ ok, code, facts })
  try {
    await check(new Field(file, ''), published, tell)
  } catch (error) {
    if (!(error instanceof FieldError)) throw error
    tell(false, 'field', { place: error.place, problem: error.problem })
  }
  return found
}

type Tell = (ok: boolean, code: SplitCode, facts?: Record<string, unknown>) => void

async function check(file: Field, published: string | null, tell: Tell): Promise<void> {
  const format = file.at('wufu').text()
  if (format !== 'packet/1') return tell(false, 'format', { found: format })
  const field = file.at('terms')
  const terms: Terms = {
    packet: field.at('packet').text(),
    minor: field.at('minor').whole(1),
    shares: field.at('shares').whole(1, most_shares),
    most_minor: field.at('most_minor').whole(1),
  }
  const kind = field.at('split').text()
  if (kind !== 'lucky' && kind !== 'equal') throw field.at('split').malformed('must be lucky or equal')
  if (terms.minor < terms.shares || terms.minor > terms.shares * terms.most_minor) return tell(false, 'terms_bad')
  const drawn = kind === 'lucky' ? await redraw(file, field, terms, published, tell) : equalShares(terms, tell)
  if (!drawn) return
  const claims = file.at('openings').items(most_shares).map(readClaim)
  tell(true, 'drawn', { n: count(terms.shares), money: money(terms.minor) })
  checkClaims(claims, drawn, kind === 'lucky', tell)
  checkRefund(file, terms, claims, tell)
}

/** Every share of a lucky packet from its secret; null where there is none to draw from. */
async function redraw(
  file: Field,
  field: Field,
  terms: Terms,
  published: string | null,
  tell: Tell,
): Promise<number[] | null> {
  const canonical = canonicalJson(field.value)
  const commitment = file.at('commitment').hex()
  if (published !== null && published !== toHex(commitment)) tell(false, 'published_bad', { hash: short(commitment) })
  const hidden = file.at('secret')
  if (hidden.isNull) return (tell(false, 'secret_hidden'), null)
  const secret = hidden.hex()
  const hash = await commitmentOf(secret, canonical)
  const holds = same(hash, commitment)
  tell(holds, holds ? 'commitment_ok' : 'commitment_bad', { hash: short(commitment), found: short(hash) })
  const key = await packetKey(secret, canonical, terms.packet)
  tell(true, 'key', { key: toHex(key) })
  return drawShares(await keystreamOf(key), terms)
}

function equalShares(terms: Terms, tell: Tell): number[] | null {
  if (terms.minor % terms.shares !== 0) return (tell(false, 'terms_bad'), null)
  return Array.from({ length: terms.shares }, () => terms.minor / terms.shares)
}

const readClaim = (field: Field): Claim => ({
  place: field.at('place').whole(0, most_shares),
  minor: field.at('minor').whole(0),
  person: field.at('person').whole(0),
})

function checkClaims(claims: Claim[], drawn: number[], lucky: boolean, tell: Tell): void {
  const faults: [SplitCode, Record<string, unknown>][] = []
  const people = new Set<number>()
  claims.forEach((claim, index) => {
    const n = index + 1
    if (claim.place !== index) faults.push(['place_bad', { n, place: claim.place + 1 }])
    else if (index >= drawn.length) faults.push(['share_beyond', { n, shares: drawn.length }])
    else if (claim.minor !== drawn[index])
      faults.push(['share_bad', { n, said: money(claim.minor), money: money(drawn[index]!) }])
    if (people.has(claim.person)) faults.push(['person_twice', { person: claim.person }])
    people.add(claim.person)
  })
  for (const [code, facts] of faults.slice(0, most_faults)) tell(false, code, facts)
  if (faults.length > 0) return tell(false, 'shares_bad', { n: count(claims.length), bad: faults.length })
  tell(true, 'shares_ok', { n: count(claims.length) })
  if (!lucky || drawn.length < 2 || claims.length < drawn.length) return
  const best = drawn.indexOf(drawn.reduce((most, share) => Math.max(most, share), 0))
  tell(true, 'luckiest', { n: best + 1, money: money(drawn[best]!) })
}

function checkRefund(file: Field, terms: Terms, claims: Claim[], tell: Tell): void {
  const paid = claims.reduce((sum, claim) => sum + claim.minor, 0)
  const left = terms.minor - paid
  const said = file.maybe('refund_minor')?.whole() ?? 0
  if (said !== left) return tell(false, 'refund_bad', { said: money(said), money: money(left) })
  tell(true, left === 0 ? 'all_taken' : 'refund_ok', {
    money: money(left),
    paid: money(paid),
    total: money(terms.minor),
  })
}
