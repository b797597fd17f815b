/** The vectors were computed with openssl (HMAC-SHA256, aes-128-ctr), not with this code. */
import { describe, expect, it } from 'vitest'
import { checkAny } from '@/features/proof/any'
import { canonicalJson, fromHex } from '@/features/proof/crypto'
import { boundsOf, checkPacket, commitmentOf, drawShares, packetKey } from '@/features/packets/split'
import { split } from '@/features/packets/words'
import { toHex } from '@/shared/ids'

const secret = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'
const terms = {
  packet: '01932d6c-5a00-7000-8000-000000000001',
  sender: 17,
  split: 'lucky',
  minor: 10_000,
  shares: 10,
  most_minor: 20_000,
  sent_at: '2026-01-28T12:00:00Z',
}
const commitment = 'f0a5b6ed27e3c78885146341cf4733a16d131752dc28e4cb2592924878b74dc3'
const drawn = [1097, 723, 1472, 975, 1533, 630, 1409, 1274, 472, 415]

const file = (taken = 10) => ({
  wufu: 'packet/1',
  terms: { ...terms },
  commitment,
  secret: secret as string | null,
  state: taken === 10 ? 'finished' : 'returned',
  refund_minor: drawn.slice(taken).reduce((sum, share) => sum + share, 0),
  openings: drawn.slice(0, taken).map((minor, place) => ({ place, minor, person: 100 + place })),
})

const faults = async (changed: unknown, published: string | null = null) =>
  (await checkPacket(changed, published)).filter((one) => !one.ok).map((one) => one.code)

describe('a lucky split', () => {
  it('has the commitment and the key that openssl computes', async () => {
    const canonical = canonicalJson(terms)
    expect(toHex(await commitmentOf(fromHex(secret), canonical))).toBe(commitment)
    expect(toHex(await packetKey(fromHex(secret), canonical, terms.packet))).toBe('53e310ca23c778c00c6322d5cd564ea9')
  })

  it('holds in every line, and says who was luckiest', async () => {
    const found = await checkPacket(file(), commitment)
    expect(found.filter((one) => !one.ok)).toEqual([])
    expect(found.find((one) => one.code === 'luckiest')?.facts).toEqual({ n: 5, money: '¥15.33' })
    for (const { code, facts } of found) expect(split(code, facts)).not.toMatch(/\{\w+\}/)
  })

  it('holds where what was left went back', async () => {
    const found = await checkPacket(file(7))
    expect(found.every((one) => one.ok)).toBe(true)
    expect(found.at(-1)).toEqual({
      ok: true,
      code: 'refund_ok',
      facts: { money: '¥21.61', paid: '¥78.39', total: '¥100.00' },
    })
  })

  it('keeps every share at most what is allowed, and draws single fen', async () => {
    const three = { ...terms, minor: 59_990, shares: 3 }
    const key = await packetKey(fromHex(secret), canonicalJson(three), terms.packet)
    expect(toHex(key)).toBe('a22324fe3915ae8a7815f9df499ceaaa')
    const changed = {
      ...file(),
      terms: three,
      commitment: 'c4dadcf415d7d770cb04bd3a4a4e83dd94c6db8deea9ccda49038814aada184c',
      openings: [19_997, 20_000, 19_993].map((minor, place) => ({ place, minor, person: place + 1 })),
      refund_minor: 0,
    }
    expect(await faults(changed)).toEqual([])
    expect(boundsOf(5, 5, 20_000)).toEqual({ least: 1, top: 1 })
  })

  it('passes over a word that would favour small shares', async () => {
    // Of 2^64 words the last 2^64 mod 3 are rejected: three equal outcomes cannot have the very last word.
    const asked: string[] = []
    const stream = async (counter: Uint8Array, size: number) => {
      asked.push(toHex(counter))
      const bytes = new Uint8Array(size)
      if (asked.length === 1) bytes.fill(0xff)
      else bytes[7] = 5
      return bytes
    }
    expect(await drawShares(stream, { packet: '', minor: 4, shares: 2, most_minor: 20_000 })).toEqual([3, 1])
    expect(asked).toEqual(['0'.repeat(32), '00000000000000008001000000000000'])
  })
})

describe('a forged proof fails with the line that is wrong', () => {
  it.each([
    ['another secret', { secret: 'ff'.repeat(32) }, 'commitment_bad'],
    ['a secret that is kept back', { secret: null }, 'secret_hidden'],
    ['another commitment', { commitment: 'ab'.repeat(32) }, 'commitment_bad'],
    ['a refund that is too small', { refund_minor: 1 }, 'refund_bad'],
    ['terms that no split fits', { terms: { ...terms, minor: 9 } }, 'terms_bad'],
    ['another format', { wufu: 'packet/2' }, 'format'],
    ['a hash that is none', { commitment: 'xyz' }, 'field'],
  ])('%s', async (_, change, code) => {
    expect(await faults({ ...file(), ...change })).toContain(code)
  })

  it('a share that was changed, taken twice, or invented', async () => {
    const changed = file()
    changed.openings[3]!.minor += 1
    expect(await faults(changed)).toEqual(['share_bad', 'shares_bad', 'refund_bad'])
    const twice = file()
    twice.openings[1]!.person = 100
    expect(await faults(twice)).toEqual(['person_twice', 'shares_bad'])
    const more = file()
    more.openings.push({ place: 10, minor: 1, person: 1 })
    expect(await faults(more)).toContain('share_beyond')
    const apart = file()
    apart.openings[4]!.place = 6
    expect(await faults(apart)).toContain('place_bad')
  })

  it('a commitment that is not the published one', async () => {
    expect(await faults(file(), 'ab'.repeat(32))).toEqual(['published_bad'])
  })

  it('an equal packet whose shares differ', async () => {
    const equal = { ...file(), terms: { ...terms, split: 'equal' }, commitment: null, secret: null }
    const openings = drawn.map((_, place) => ({ place, minor: 1_000, person: place + 1 }))
    expect(await faults({ ...equal, openings })).toEqual([])
    expect(await faults({ ...equal, openings: openings.map((one) => ({ ...one, minor: 999 })) })).toContain('share_bad')
  })

  it('what is no file at all', async () => {
    for (const nothing of [null, [], 'x', {}, { wufu: 'packet/1' }]) expect(await faults(nothing)).not.toEqual([])
  })
})

describe('any proof file', () => {
  it('is checked as what it is, in words', async () => {
    const lines = await checkAny(file(), null, 17)
    expect(lines.every((line) => line.ok)).toBe(true)
    expect(lines[0]!.text).toContain('f0a5b6ed27e3c788')
    const forged = await checkAny({ ...file(), refund_minor: 5 }, null, 17)
    expect(forged.filter((line) => !line.ok)).toHaveLength(1)
    expect((await checkAny({ wufu: 'photo/1' }, null, 17)).some((line) => line.ok)).toBe(false)
    expect((await checkAny({ wufu: 'proof/9' }, null, 17)).some((line) => line.ok)).toBe(false)
  })
})
