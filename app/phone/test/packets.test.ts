/** Filling a packet: what it costs, what is not possible, what is asked for. */
import { describe, expect, it } from 'vitest'
import { characters, problemOf, totalOf, type Draft, type Limits } from '@/features/packets/draft'
import { draftOf, requestOf, waysOf } from '@/features/packets/target'
import { coverArt, coverNames } from '@/features/packets/covers'

const limits: Limits = {
  least_share_minor: 1,
  most_share_minor: 20_000,
  most_shares: 100,
  most_message: 25,
  least_password: 1,
  most_password: 40,
  left_today_minor: 500_000,
  balance_minor: 100_000,
}
const draft = (change: Partial<Draft>): Draft => ({
  kind: 'lucky',
  shares: 5,
  minor: 1_000,
  message: '',
  password: null,
  ...change,
})
const code = (change: Partial<Draft>, other: Partial<Limits> = {}) =>
  problemOf(draft(change), { ...limits, ...other })?.code ?? null

describe('a draft', () => {
  it('costs what is typed, or each times how many', () => {
    expect(totalOf(draft({ minor: 888 }))).toBe(888)
    expect(totalOf(draft({ kind: 'equal', minor: 888, shares: 6 }))).toBe(5_328)
    expect(totalOf(draft({ minor: null }))).toBe(0)
  })

  it.each<[string, Partial<Draft>, string | null]>([
    ['is fine at the edges', { minor: 5 }, null],
    ['is fine at the other edge', { minor: 100_000 }, null],
    ['gives everyone at least one fen', { minor: 4 }, 'share_too_small'],
    ['gives nobody more than the limit', { minor: 20_001, shares: 1 }, 'share_too_large'],
    ['gives nobody more than the limit, each', { kind: 'equal', minor: 20_001, shares: 2 }, 'share_too_large'],
    ['has not too many shares', { shares: 101, minor: 10_000 }, 'too_many_shares'],
    ['has a short wish', { message: '福'.repeat(26) }, 'long_message'],
    ['counts an emoji as one', { message: '🧧'.repeat(25) }, null],
    ['needs an amount', { minor: null }, 'no_amount'],
    ['needs shares', { shares: null }, 'no_shares'],
    ['needs at least one share', { shares: 0 }, 'no_shares'],
    ['is for one person whatever is typed', { kind: 'one', shares: null, minor: 20_000 }, null],
    ['needs words that say something', { password: '   ' }, 'bad_password'],
    ['needs words that are not a novel', { password: '福'.repeat(41) }, 'bad_password'],
  ])('%s', (_, change, expected) => expect(code(change)).toBe(expected))

  it('stays within the day and the purse', () => {
    expect(code({ minor: 5_000 }, { left_today_minor: 4_999 })).toBe('over_day')
    expect(code({ minor: 5_000 }, { left_today_minor: null, balance_minor: 4_999 })).toBe('not_enough')
  })

  it('does not scold while it is being filled', () => {
    expect(problemOf(draft({ minor: null }), limits)?.unfinished).toBe(true)
    expect(problemOf(draft({ minor: 1 }), limits)?.unfinished).toBe(false)
  })

  it('counts characters, not halves of them', () => expect(characters('恭喜🧧')).toBe(3))
})

describe('a request', () => {
  const more = { cover: 'plum', message: '新年好', only: 9, request: null, merchant: false }
  const group = { id: 'g', title: '家', people_count: 4 }

  it('says the whole of an equal packet', () => {
    const filled = draftOf('equal', 4, 250, '', '恭喜发财 ')
    expect(requestOf({ to: 'group', group, members: [] }, 'equal', filled, more)).toEqual({
      to: 'group',
      conversation: 'g',
      split: 'equal',
      minor: 1_000,
      shares: 4,
      message: '新年好',
      cover: 'plum',
      password: '恭喜发财',
    })
  })

  it('names the one person, and only then', () => {
    const filled = draftOf('one', 7, 250, '', null)
    expect(requestOf({ to: 'group', group, members: [] }, 'one', filled, more)).toMatchObject({ whom: 9, shares: 1 })
    const lucky = requestOf({ to: 'group', group, members: [] }, 'lucky', draftOf('lucky', 7, 250, '', null), more)
    expect(lucky).not.toHaveProperty('whom')
    expect(lucky.shares).toBe(7)
  })

  it('passes on the rest of a fission packet', () => {
    const wish = requestOf({ to: 'friend', person: 3 }, 'fission', draftOf('fission', 6, 600, '', null), more)
    expect(wish).toMatchObject({ to: 'friend', whom: 3, fission: true, shares: 6, split: 'lucky' })
  })

  it('offers the ways that a target has', () => {
    expect(waysOf({ to: 'friend', person: 3 })).toEqual(['simple', 'fission'])
    expect(waysOf({ to: 'link' })).not.toContain('one')
    expect(waysOf(null)).toContain('one')
  })
})

describe('covers', () => {
  it('are drawn here, and an unknown one is the 福', () => {
    expect(coverNames.length).toBeGreaterThanOrEqual(4)
    for (const name of coverNames) expect(name).toMatch(/^[a-z]{1,16}$/)
    expect(coverArt('nonesuch')).toBe(coverArt('fu'))
    expect(coverArt('constructor')).toBe(coverArt('fu'))
  })
})
