/** The window over a photo, its price, and the draw behind the price. The vector was computed with openssl. */
import { describe, expect, it } from 'vitest'
import { checkPhoto, photoKey } from '@/features/photos/draw'
import { priceProblem } from '@/features/photos/price'
import { cropOf, placeIn, sidesOf, stripOf, windowAt } from '@/features/photos/window'
import { fromHex } from '@/features/proof/crypto'
import { toHex } from '@/shared/ids'

describe('the window', () => {
  const pictures = [
    { width: 1200, height: 900 },
    { width: 900, height: 1600 },
    { width: 4000, height: 700 },
    { width: 64, height: 64 },
  ]

  it.each(pictures)('stays inside %o, square to the eye, and never too large', (picture) => {
    for (const part of [0, 0.3, 1, 7]) {
      for (const [x, y] of [
        [0, 0],
        [picture.width, picture.height],
        [picture.width / 2, picture.height / 3],
        [-50, 1e6],
      ] as const) {
        const window = windowAt({ x, y }, part, picture)
        expect(window.x).toBeGreaterThanOrEqual(0)
        expect(window.y).toBeGreaterThanOrEqual(0)
        expect(window.x + window.width).toBeLessThanOrEqual(1000)
        expect(window.y + window.height).toBeLessThanOrEqual(1000)
        for (const side of [window.width, window.height]) {
          expect(side).toBeGreaterThanOrEqual(20)
          expect(side).toBeLessThanOrEqual(400)
          expect(Number.isInteger(side)).toBe(true)
        }
        expect(window.width * window.height).toBeLessThanOrEqual(1_000_000 / 16)
      }
    }
  })

  it.each(pictures)('is whole in what a list shows of %o, wherever it lies', (picture) => {
    for (const y of [0, 0.2, 0.5, 0.9, 1]) {
      const window = windowAt({ x: picture.width / 2, y: picture.height * y }, 0.5, picture)
      const strip = stripOf(picture, window)
      expect(strip.top).toBeGreaterThanOrEqual(0)
      expect(strip.top + strip.height).toBeLessThanOrEqual(1 + 1e-9)
      expect(window.y / 1000).toBeGreaterThanOrEqual(strip.top - 1e-9)
      expect((window.y + window.height) / 1000).toBeLessThanOrEqual(strip.top + strip.height + 1e-9)
    }
    expect(stripOf(picture, null).top * 2 + stripOf(picture, null).height).toBeCloseTo(1)
  })

  it('is square where the picture lets it be', () => {
    const picture = { width: 1200, height: 900 }
    const window = windowAt({ x: 600, y: 450 }, 0.6, picture)
    expect(Math.abs(window.width * 1.2 - window.height * 0.9)).toBeLessThan(2)
    expect(sidesOf(picture).least).toBeLessThan(sidesOf(picture).most)
  })

  it('shows the part of the picture that lies behind it', () => {
    expect(cropOf({ x: 250, y: 500, width: 200, height: 250 })).toEqual({
      width: '500%',
      height: '400%',
      left: '-125%',
      top: '-200%',
    })
    expect(placeIn({ x: 150, y: 999 }, { width: 300, height: 200 }, { width: 1200, height: 800 })).toEqual({
      x: 600,
      y: 800,
    })
  })
})

describe('the price', () => {
  it('is a range within the limit', () => {
    expect(priceProblem(1, 20_000, 20_000)).toBeNull()
    expect(priceProblem(null, 5, 20_000)).toBe('no_price')
    expect(priceProblem(6, 5, 20_000)).toBe('bad_range')
    expect(priceProblem(6, 20_001, 20_000)).toBe('over')
  })

  const secret = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'
  const photo = '01932d6c-5a00-7000-8000-00000000000a'
  const seed = '22'.repeat(32)
  const file = (change: Record<string, unknown> = {}) => ({
    wufu: 'photo/1',
    terms: { photo, author: 17, least_minor: 100, most_minor: 888, posted_at: '2026-01-28T12:00:00.000000Z' },
    commitment: 'ebae1f5f24b5a3643db6cba44a52324e656b02addc67ab8a61274e1ed9868ee5',
    secret,
    draws: [{ viewer: 42, seed, minor: 605 }],
    ...change,
  })
  const faults = async (changed: unknown, kept: string | null = null) =>
    (await checkPhoto(changed, 42, kept)).filter((one) => !one.ok).map((one) => one.code)

  it('is the one that openssl draws', async () => {
    expect(toHex(await photoKey(fromHex(secret), fromHex(seed), photo))).toBe('79eb2c35c3887fec920f1616bca232e1')
    expect(await faults(file(), seed)).toEqual([])
  })

  it('fails where the file was forged', async () => {
    expect(await faults(file({ draws: [{ viewer: 42, seed, minor: 606 }] }))).toEqual(['draw_bad'])
    expect(await faults(file({ secret: 'ff'.repeat(32) }))).toEqual(['secret_bad', 'draw_bad'])
    expect(await faults(file(), '33'.repeat(32))).toEqual(['seed_bad'])
    expect(await faults(file({ secret: null }))).toEqual(['field'])
    expect(await faults({})).toEqual(['field'])
    expect(await faults(file({ draws: [] }))).toEqual(['nothing'])
    const draw = { viewer: 42, seed, minor: 605 }
    expect(await faults(file({ draws: [draw, draw] }))).toEqual(['viewer_twice'])
    expect(
      (await checkPhoto(file(), 42, null, 'ab'.repeat(32))).filter((one) => !one.ok).map((one) => one.code),
    ).toEqual(['published_bad'])
  })
})
