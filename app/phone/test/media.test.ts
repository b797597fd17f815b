/** Pure parts of media, notifications and keys: sizes, gestures, quiet hours, pins. */
import { describe, expect, it } from 'vitest'
import { blurGround, isBlur } from '@/features/chat/media/blur'
import { held, most_scale, pinched, swipeOf, whole, zoomed } from '@/features/chat/media/gestures'
import { bubbleSize, fitted, isDangerous, sizeWords, sortOf } from '@/features/chat/media/sizes'
import { drawing, isSticker, names, titleOf } from '@/features/chat/media/stickers'
import { isQuiet, minuteOf, timeOf } from '@/features/chat/notify/quiet'
import { accepted, confirmed, heard, keysOfDevice } from '@/features/chat/secret/pins'
import { readersOf, readingOf, stateOf } from '@/features/chat/secret/reading'
import type { Message } from '@/features/chat/model'

describe('sizes', () => {
  it('are said as phones count', () => {
    expect([0, 999, 1000, 1_432_100, 999_600, 40 * 1024 * 1024].map(sizeWords)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.4 MB',
      '1.0 MB',
      '42 MB',
    ])
  })

  it('of pictures never grow and never vanish', () => {
    expect(fitted(4000, 3000, 2560)).toEqual({ width: 2560, height: 1920 })
    expect(fitted(100, 50, 2560)).toEqual({ width: 100, height: 50 })
    expect(fitted(10_000, 1, 2560)).toEqual({ width: 2560, height: 1 })
    for (const [width, height] of [[4000, 3000], [1, 9000], [9000, 1], [0, 0], [NaN, 5]] as const) {
      const size = bubbleSize(width, height)
      expect(size.width).toBeGreaterThanOrEqual(80)
      expect(size.width).toBeLessThanOrEqual(240)
      expect(size.height).toBeGreaterThanOrEqual(80)
      expect(size.height).toBeLessThanOrEqual(300)
    }
  })

  it('know what a file is, and what must not travel', () => {
    expect(['菜单.PDF', 'a.xlsx', 'b.zip', 'c', 'd.unknown'].map(sortOf)).toEqual([
      'document',
      'sheet',
      'archive',
      'plain',
      'plain',
    ])
    for (const name of ['setup.exe', 'A.Html', 'x.svg', 'run.SH', 'photo.jpg.js']) expect(isDangerous(name)).toBe(true)
    for (const name of ['exe', 'menu.pdf', 'html.txt']) expect(isDangerous(name)).toBe(false)
  })
})

describe('a picture under two fingers', () => {
  it('keeps under the fingers what was under them', () => {
    const view = zoomed(whole, 2, { x: 50, y: -20 })
    expect(view).toEqual({ scale: 2, x: -50, y: 20 })
    expect(zoomed(view, 0.5, { x: 50, y: -20 })).toEqual(whole)
  })

  it('grows as they part and moves as they move', () => {
    const view = pinched(whole, [{ x: -50, y: 0 }, { x: 50, y: 0 }], [{ x: -90, y: 10 }, { x: 110, y: 10 }])
    expect(view).toEqual({ scale: 2, x: 10, y: 10 })
  })

  it('neither shrinks below the screen nor leaves it', () => {
    expect(held({ scale: 0.4, x: 90, y: 9 }, 390, 844)).toEqual(whole)
    expect(held({ scale: 2, x: 900, y: -900 }, 390, 844)).toEqual({ scale: 2, x: 195, y: -422 })
    expect(zoomed(whole, 99, { x: 0, y: 0 }).scale).toBe(most_scale)
  })

  it('goes on at a swipe and closes at a pull', () => {
    expect(swipeOf(-120, 10, 390)).toBe('next')
    expect(swipeOf(120, 10, 390)).toBe('previous')
    expect(swipeOf(20, 160, 390)).toBe('close')
    expect(swipeOf(30, 20, 390)).toBeNull()
    expect(swipeOf(0, -200, 390)).toBeNull()
  })
})

describe('the promise of a picture', () => {
  it('is twelve colours or none', () => {
    const blur = 'c8331f'.repeat(12)
    expect(isBlur(blur)).toBe(true)
    expect(blurGround(blur).match(/#c8331f/g)).toHaveLength(12)
    for (const bad of ['', 'x', 'C8331F'.repeat(12), `${blur};}`, 5, null]) expect(isBlur(bad)).toBe(false)
  })
})

describe('stickers', () => {
  it('are twelve, ours, of two papers, and have names', () => {
    expect(names).toHaveLength(12)
    for (const name of names) {
      expect(drawing(name)).toMatch(/class="first"/)
      expect(drawing(name)).toMatch(/class="(second|cut|line)"/)
      expect(drawing(name)).not.toMatch(/href|script|fill="|NaN/)
      expect(titleOf(name)).not.toBe('')
    }
    expect(isSticker('toString')).toBe(false)
  })
})

describe('quiet hours', () => {
  it('may run over midnight', () => {
    const night = { quiet_from: 22 * 60, quiet_to: 8 * 60 }
    expect([21 * 60 + 59, 22 * 60, 0, 8 * 60 - 1, 8 * 60].map((at) => isQuiet(night, at))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ])
    const noon = { quiet_from: 720, quiet_to: 840 }
    expect([719, 720, 839, 840].map((at) => isQuiet(noon, at))).toEqual([false, true, true, false])
    expect(isQuiet({ quiet_from: null, quiet_to: null }, 0)).toBe(false)
  })

  it('are read and written as clocks show them', () => {
    expect(timeOf(minuteOf('07:05')!)).toBe('07:05')
    for (const bad of ['', '24:00', '7', '12:60']) expect(minuteOf(bad)).toBeNull()
  })
})

describe('the keys of others', () => {
  const [a, b, other] = [
    { device: 'd1', key: 'A' },
    { device: 'd2', key: 'B' },
    { device: 'd1', key: 'X' },
  ]

  it('are believed at first and reported when one comes', () => {
    const first = heard('1/2', undefined, [a!])
    expect(first.changed).toBe(false)
    expect(heard('1/2', first, [a!]).changed).toBe(false)
    expect(heard('1/2', first, [a!, b!]).changed).toBe(true)
  })

  it('report a device whose key was exchanged, and keep the old one to open old messages', () => {
    const after = heard('1/2', heard('1/2', undefined, [a!]), [other!])
    expect(after.changed).toBe(true)
    expect(keysOfDevice(after, 'd1').map((one) => one.key)).toEqual(['X', 'A'])
  })

  it('say nothing when a device leaves, or a person gets their first', () => {
    const both = heard('1/2', undefined, [a!, b!])
    expect(heard('1/2', both, [a!]).changed).toBe(false)
    expect(heard('1/2', heard('1/2', undefined, []), [a!]).changed).toBe(false)
    expect(heard('1/2', heard('1/2', both, []), [b!]).changed).toBe(false)
  })

  it('lose the mark of having been compared when one comes, and stay reported until looked at', () => {
    const compared = confirmed(heard('1/2', undefined, [a!]), '1'.repeat(60))
    expect(heard('1/2', compared, [a!]).verified).toBe('1'.repeat(60))
    const after = heard('1/2', compared, [a!, b!])
    expect(after.verified).toBeNull()
    expect(heard('1/2', after, [a!, b!]).changed).toBe(true)
    expect(heard('1/2', accepted(after), [a!, b!]).changed).toBe(false)
  })
})

describe('what a secret says of itself', () => {
  const message = (readers: object, over: object = {}) =>
    ({ kind: 'secret', sender: 1, body: { timer_seconds: 5, readers }, ...over }) as unknown as Message
  const seen = { seen_at: '2026-01-01T00:00:00Z', burnt_at: null }
  const burnt = { seen_at: '2026-01-01T00:00:00Z', burnt_at: '2026-01-01T00:00:05Z' }

  it('is sealed, then open, then ash for its reader', () => {
    expect(stateOf(message({ 2: {} }), 2, false, false)).toBe('sealed')
    expect(stateOf(message({ 2: seen }), 2, false, true)).toBe('open')
    expect(stateOf(message({ 2: seen }), 2, true, true)).toBe('burnt')
    expect(stateOf(message({ 2: burnt, 3: {} }), 2, false, true)).toBe('burnt')
    expect(stateOf(message({ 2: burnt, 3: {} }), 3, false, false)).toBe('sealed')
    expect(stateOf(message({}, { kind: 'gone' }), 2, false, true)).toBe('burnt')
    expect(stateOf(message({ 2: {} }), 1, false, false)).toBe('mine')
  })

  it('tells its sender how many have seen it', () => {
    expect(readingOf(readersOf(message({ 2: {} })))).toEqual({ seen: 0, all: 1, key: 'unseen' })
    expect(readingOf(readersOf(message({ 2: seen, 3: {} })))).toEqual({ seen: 1, all: 2, key: 'burning_there' })
    expect(readingOf(readersOf(message({ 2: burnt })))).toEqual({ seen: 1, all: 1, key: 'burnt' })
    expect(readingOf(readersOf(message(undefined as never)))).toEqual({ seen: 0, all: 0, key: 'unseen' })
  })
})
