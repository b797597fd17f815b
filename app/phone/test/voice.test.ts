/** The picture of a voice. */
import { describe, expect, it } from 'vitest'
import { bars_count, clock, loudest, safeBars, waveformFromLevels, waveformOf } from '@/features/chat/media/waveform'

const tone = (size: number, loudness: (part: number) => number) =>
  Float32Array.from({ length: size }, (_, at) => Math.sin(at / 3) * loudness(at / size))

describe('the waveform', () => {
  it('has its bars whatever the length, the loudest full', () => {
    for (const size of [1, 10, 47, 48, 49, 48_000]) {
      const bars = waveformOf(tone(size, () => 0.8))
      expect(bars).toHaveLength(bars_count)
      for (const bar of bars) expect(bar).toBeGreaterThanOrEqual(0)
    }
    expect(Math.max(...waveformOf(tone(48_000, () => 0.8)))).toBe(loudest)
  })

  it('rises where the voice rises', () => {
    const bars = waveformOf(tone(48_000, (part) => part))
    expect(bars[47]).toBe(loudest)
    expect(bars[4]!).toBeLessThan(bars[24]!)
    expect(bars[24]!).toBeLessThan(bars[44]!)
  })

  it('leaves silence flat and a whisper small', () => {
    expect(new Set(waveformOf(new Float32Array(9_000)))).toEqual(new Set([0]))
    expect(Math.max(...waveformOf(tone(9_000, () => 0.02)))).toBeLessThan(8)
    expect(waveformOf(new Float32Array())).toEqual(new Array(bars_count).fill(0))
  })

  it('gathers levels by their peaks', () => {
    const levels = new Array<number>(480).fill(0.2)
    levels[100] = 1
    const bars = waveformFromLevels(levels)
    expect(bars[10]).toBe(loudest)
    expect(bars[20]).toBe(6)
    expect(waveformFromLevels([0.5])).toHaveLength(bars_count)
  })

  it('draws only numbers in range, whatever came over the wire', () => {
    expect(safeBars([1.9, -4, 99, 'x', null, NaN])).toEqual([1, 0, loudest, 0, 0, 0])
    expect(safeBars('<svg>')).toHaveLength(bars_count)
    expect(safeBars(new Array(9_999).fill(3))).toHaveLength(2 * bars_count)
  })

  it('tells its length', () => {
    expect([0, 400, 7_400, 60_000].map(clock)).toEqual(['0:00', '0:00', '0:07', '1:00'])
  })
})
