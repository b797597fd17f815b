import { describe, expect, it } from 'vitest'
import { anchor, campaignNow, phaseOf, realUntil } from '@/shared/clock'
import type { CampaignView, RoundState } from '@/shared/contract'
import { ago, duration, money, parseMoney, signedMoney } from '@/shared/format'
import { language } from '@/shared/language'

const clock = anchor({ campaign_now: '2016-02-07T12:00:00Z', real_now: '2026-11-22T08:00:00Z', speed: 60 }, 1_000)

describe('campaign time', () => {
  it('runs at its own speed', () => {
    expect(new Date(campaignNow(clock, 11_000)).toISOString()).toBe('2016-02-07T12:10:00.000Z')
  })

  it('tells how long a person really waits', () => {
    expect(realUntil(clock, '2016-02-07T12:36:00Z', 1_000)).toBe(36_000)
    expect(realUntil(clock, '2016-02-07T11:00:00Z', 1_000)).toBe(0)
    expect(realUntil({ ...clock, speed: 0 }, '2016-02-07T12:36:00Z', 1_000)).toBe(Infinity)
  })
})

describe('the phase of the eve', () => {
  const campaign = (state: CampaignView['state'], ...rounds: RoundState[]) =>
    ({ state, rounds: rounds.map((round, index) => ({ number: index + 1, state: round })) }) as CampaignView
  it.each([
    [campaign('announced', 'planned', 'planned'), 'waiting'],
    [campaign('running', 'closed', 'open'), 'open'],
    [campaign('running', 'closed', 'paused'), 'paused'],
    [campaign('running', 'closed', 'planned'), 'waiting'],
    [campaign('running', 'closed', 'closed'), 'last_wait'],
    [campaign('settling', 'closed'), 'settling'],
    [campaign('settled', 'closed'), 'settled'],
    [campaign('cancelled', 'open'), 'cancelled'],
    [campaign('draft', 'planned'), 'none'],
    [null, 'none'],
  ])('is read from the server’s words: %#', (view, kind) => expect(phaseOf(view).kind).toBe(kind))
})

describe('numbers as people read them', () => {
  it('money', () => {
    expect(money(21_500_000_000)).toBe('¥215,000,000.00')
    expect(money(-5)).toBe('−¥0.05')
    expect(signedMoney(27_166)).toBe('+¥271.66')
    expect([
      parseMoney('12.5'),
      parseMoney('¥1,234.56'),
      parseMoney('0'),
      parseMoney('1.234'),
      parseMoney('x'),
    ]).toEqual([1250, 123_456, null, null, null])
  })

  it('time left, rounded up', () => {
    expect([duration(221_000), duration(59_001), duration(0), duration(3_729_000), duration(Infinity)]).toEqual([
      '03:41',
      '01:00',
      '00:00',
      '1:02:09',
      '–:––',
    ])
  })

  it('relative time, until a day has passed', () => {
    const now = Date.parse('2026-02-17T12:00:00Z')
    language.value = 'en'
    expect(ago('2026-02-17T11:59:50Z', now)).toBe('just now')
    expect(ago('2026-02-17T11:55:00Z', now)).toMatch(/^5 min/)
    expect(ago('2026-02-10T11:55:00Z', now)).toMatch(/^10 Feb/)
    language.value = 'zh'
    expect(ago('2026-02-17T09:00:00Z', now)).toMatch(/3\s?小时前/)
  })
})
