/** The arithmetic of the long list, held against sums made by hand. */
import { describe, expect, it } from 'vitest'
import { anchorOf, held, Heights, shown, windowOf } from '@/features/chat/list/heights'

/** A small generator with a seed: the same rows at every run. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function filled(sizes: number[]): Heights {
  const heights = new Heights()
  heights.arrange(
    sizes.map((_, index) => `m${index}`),
    (index) => sizes[index]!,
  )
  return heights
}

describe('heights', () => {
  it('sum like a plain loop, after any number of measurements', () => {
    const next = chance(5)
    const sizes = Array.from({ length: 777 }, () => 20 + Math.floor(next() * 200))
    const heights = filled(sizes)
    for (let turn = 0; turn < 2_000; turn += 1) {
      const index = Math.floor(next() * sizes.length)
      const size = 1 + Math.floor(next() * 400)
      expect(heights.measure(`m${index}`, size)).toBe(size - sizes[index]!)
      sizes[index] = size
    }
    const total = sizes.reduce((a, b) => a + b, 0)
    expect(heights.total).toBe(total)
    for (const index of [0, 1, 5, 300, 775, 776]) {
      expect(heights.below(index)).toBe(sizes.slice(index + 1).reduce((a, b) => a + b, 0))
    }
  })

  it('find the row at any distance from the bottom', () => {
    const next = chance(9)
    const sizes = Array.from({ length: 130 }, () => 1 + Math.floor(next() * 50))
    const heights = filled(sizes)
    let fromBottom = 0
    for (let index = sizes.length - 1; index >= 0; index -= 1) {
      expect(heights.at(fromBottom)).toBe(index)
      expect(heights.at(fromBottom + sizes[index]! - 0.5)).toBe(index)
      fromBottom += sizes[index]!
    }
    expect(heights.at(fromBottom + 1_000)).toBe(0)
    expect(heights.at(-5)).toBe(sizes.length - 1)
  })

  it('keep what was measured when older rows are put above', () => {
    const heights = filled([10, 10, 10])
    heights.measure('m1', 55)
    heights.arrange(['x', 'y', 'm0', 'm1', 'm2'], () => 10)
    expect(heights.total).toBe(95)
    expect(heights.below(heights.placeOf('m1'))).toBe(10)
  })

  it('are nothing for an empty list', () => {
    const heights = filled([])
    expect(heights.total).toBe(0)
    expect(windowOf(heights, { fromBottom: 0, height: 800 }, 100)).toEqual({ first: 0, last: -1 })
    expect(anchorOf(heights, { fromBottom: 0, height: 800 })).toBeNull()
  })
})

describe('the window', () => {
  it('covers the view and what is spared, and no more', () => {
    const heights = filled(Array.from({ length: 10_000 }, () => 50))
    const { first, last } = windowOf(heights, { fromBottom: 100_000, height: 800 }, 700)
    expect(heights.below(last)).toBeLessThanOrEqual(100_000 - 700)
    expect(heights.below(first) + 50).toBeGreaterThanOrEqual(100_000 + 800 + 700)
    expect(last - first).toBeLessThan(2200 / 50 + 3)
  })

  it('costs the same for ten thousand rows as for a hundred', () => {
    const heights = filled(Array.from({ length: 10_000 }, (_, index) => 30 + (index % 90)))
    let drawn = 0
    for (let fromBottom = 0; fromBottom < heights.total; fromBottom += 331) {
      const { first, last } = windowOf(heights, { fromBottom, height: 800 }, 700)
      drawn = Math.max(drawn, last - first + 1)
      heights.measure(`m${first}`, 64)
    }
    expect(drawn).toBeLessThan(80)
  })
})

describe('the anchor', () => {
  const view = { fromBottom: 120, height: 300 }

  it('holds the eye when something new comes below', () => {
    const heights = filled([50, 50, 50, 50, 50, 50])
    const anchor = anchorOf(heights, view)!
    expect(anchor.key).toBe('m3')
    heights.arrange(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6'], (index) => (index === 6 ? 80 : 50))
    expect(held(heights, anchor)).toBe(200)
  })

  it('holds the eye when rows below turn out to be higher, and does not care for rows above', () => {
    const heights = filled([50, 50, 50, 50, 50, 50])
    const anchor = anchorOf(heights, view)!
    heights.measure('m5', 90)
    expect(held(heights, anchor)).toBe(160)
    heights.measure('m0', 500)
    expect(held(heights, anchor)).toBe(160)
  })

  it('is gone with its row', () => {
    const heights = filled([50, 50, 50, 50])
    const anchor = anchorOf(heights, { fromBottom: 60, height: 100 })!
    heights.arrange(['m0', 'm1', 'm3'], () => 50)
    expect(held(heights, anchor)).toBeNull()
  })
})

describe('showing a row', () => {
  it('puts it in the middle, but never beyond either end', () => {
    const heights = filled(Array.from({ length: 100 }, () => 50))
    expect(shown(heights, 50, 500)).toBe(heights.below(50) - 225)
    expect(shown(heights, 99, 500)).toBe(0)
    expect(shown(heights, 0, 500)).toBe(4_500)
  })

  it('shows the head of one that is higher than the view', () => {
    const heights = filled([100, 2_000, 100])
    expect(shown(heights, 1, 500)).toBe(1_600)
  })
})
